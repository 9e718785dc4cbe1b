//! Talking.

use super::play::play;
use e2e::covers;

#[test]
fn the_quickstart_shows_text_a_command_and_an_approval() {
    covers!["001-096", "002-104"];
    let Some(played) = play("quickstart", "") else { return };
    for said in [
        "I look at the workspace first.",
        "$ /bin/bash -lc 'ls -a'",
        "because: the sandbox lets me read only",
        "Nobody is at the terminal, so the answer is no.",
        "That is all: you saw text as it was streamed, a command, and an approval.",
    ] {
        assert!(played.output.contains(said), "{said} is missing in:\n{}", played.output);
    }
    assert_eq!(played.asked(0), ["Leave a note in the workspace."]);
    assert!(played.told(2).contains("rejected"), "{}", played.told(2));
}

#[test]
fn runs_of_a_thread_are_one_conversation_and_a_question_is_one_of_its_own() {
    covers!["000-031", "001-081", "002-124", "002-129", "003-170", "003-270"];
    let Some(played) = play("run", "") else { return };
    played.assert_says(&[
        "agent: There is one file, main.rs.",
        "it took these items: userMessage, commandExecution, agentMessage",
        "and 30 tokens in 2 answers of the model",
        "agent: It is written in Rust.",
        "agent: Four.",
    ]);
    assert!(played.told(1).contains("main.rs"), "{}", played.told(1));
    assert_eq!(played.asked(2), ["What is in this folder?", "And in which language?"]);
    assert_eq!(played.asked(3), ["What is two and two?"]);
}

#[test]
fn a_turn_is_watched_while_it_runs() {
    covers!["T26"];
    let Some(played) = play("stream", "") else { return };
    let (events, diff) = played.output.split_once("diff --git").expect("the changes");
    let events: Vec<&str> = events.lines().collect();
    assert_eq!(
        events,
        [
            "I look at the file first.",
            "$ /bin/bash -lc 'cat notes.txt'",
            "helo",
            "1 file(s) changed: completed",
            "A letter was missing.",
        ]
    );
    assert!(diff.contains("-helo\n+hello\n"), "{diff}");
    assert!(played.told(2).contains("notes.txt"), "{}", played.told(2));
}

#[test]
fn a_turn_is_watched_step_by_step() {
    covers!["003-182", "003-202"];
    let Some(played) = play("steps", "") else { return };
    played.assert_says(&[
        "you: How many lines has notes.txt?",
        "thought: **Counting**",
        "agent: I count the lines.",
        "command: /bin/bash -lc 'wc -l < notes.txt'",
        "  2",
        "agent: There are two lines.",
        "the answer: There are two lines.",
    ]);
    assert_eq!(played.asked(1), ["How many lines has notes.txt?"]);
}

#[test]
fn pictures_reach_the_model_in_their_place() {
    covers!["T25"];
    let Some(played) = play("images", "") else { return };
    played.assert_says(&["agent: A red square, and a dot."]);
    let content = played.requests[0]["input"].as_array().expect("items").last().expect("an item")["content"]
        .as_array()
        .expect("a content");
    assert_eq!(content[0]["text"], "What is in these pictures?");
    let pictures: Vec<&str> = content.iter().filter_map(|part| part["image_url"].as_str()).collect();
    assert_eq!(pictures.len(), 2);
    assert!(pictures[0].starts_with("data:image/png;base64,") && pictures[0] != pictures[1]);
    assert!(pictures[1].ends_with("AAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="));
}

#[test]
fn a_conversation_goes_on_in_another_program() {
    covers!["002-121"];
    let Some(played) = play("resume", "") else { return };
    played.assert_says(&[
        "monday: I will remember it.",
        "the conversation began with: My cat is called Ada.",
        "tuesday: Your cat is called Ada.",
    ]);
    assert_eq!(played.asked(1), ["My cat is called Ada.", "What is the name of my cat?"]);
}

#[test]
fn threads_are_named_forked_put_away_and_deleted() {
    let Some(played) = play("threads", "") else { return };
    played.assert_says(&[
        "That is apples and pears.",
        "stored: [\"shopping\"]",
        "the fork: That is apples and pears and nuts.",
        "stored: [], put away: [\"shopping\"]",
        "fetched back: That is apples and pears and figs.",
        "rolled back: That is apples and pears and plums.",
        "turns: 3",
        "stored: []",
    ]);
    assert_eq!(played.asked(4), ["apples", "pears", "plums"]);
}

#[test]
fn the_model_is_chosen_for_a_thread_a_turn_and_from_now_on() {
    covers!["000-070", "002-114"];
    let Some(played) = play("models", "") else { return };
    let (models, said): (Vec<&str>, Vec<&str>) =
        played.output.lines().partition(|line| line.contains(" thinks "));
    assert!(models.iter().any(|model| model.starts_with("gpt-5.5 thinks medium (or low, ")), "{models:?}");
    assert_eq!(
        said,
        [
            "I am gpt-5.4, and I think low.",
            "I am gpt-5.4, and I think low.",
            "I am gpt-5.5, and I think high.",
            "the thread is set to gpt-5.5",
        ]
    );
    assert_eq!(played.requests[2]["model"], "gpt-5.5");
}

#[test]
fn options_reach_the_model() {
    covers!["O18"];
    let Some(played) = play("options", "") else { return };
    played.assert_says(&["agent: {\"done\":true}", "agent: Planned."]);
    let (first, second) = (&played.requests[0], &played.requests[1]);
    assert_eq!((&first["model"], &second["model"]), (&"gpt-5.4".into(), &"gpt-5.5".into()));
    assert_eq!(
        (&first["reasoning"]["effort"], &first["reasoning"]["summary"]),
        (&"high".into(), &"concise".into())
    );
    assert_eq!((&first["service_tier"], second.get("service_tier")), (&"flex".into(), None));
    assert_eq!(first["text"]["format"]["schema"]["required"][0], "done");
    assert_eq!(second["text"].get("format"), None, "the form was for one turn");
}

#[test]
fn an_answer_is_a_value_and_is_mended_once() {
    let Some(played) = play("structured", "") else { return };
    played.assert_says(&[
        "rejected: There is only serde.",
        "serde: version unknown, maintained: true",
        "licences: [\"MIT\"]",
    ]);
    let form = &played.requests[0]["text"]["format"];
    assert_eq!((&form["type"], &form["strict"]), (&"json_schema".into(), &true.into()));
    assert!(form.to_string().contains("Its newest version, if you know it."), "{form}");
    assert!(played.asked(1)[1].contains("it is no JSON"), "{:?}", played.asked(1));
    assert!(played.requests[2]["text"]["format"].to_string().contains("licences"));
}

#[test]
fn a_program_without_async_talks_on_several_threads() {
    covers!["001-096"];
    let Some(played) = play("blocking", "") else { return };
    played.assert_says(&[
        "It is one of those.",
        "A crate is what is compiled at once.",
        "A trait is what types have in common.",
    ]);
    assert!(played.told(1).contains("Linux") || played.told(1).contains("Darwin"), "{}", played.told(1));
}

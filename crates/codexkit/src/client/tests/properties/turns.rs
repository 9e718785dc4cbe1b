//! Calls and turns, however callers, the writer and the server interleave: abandoned turns are stopped exactly when they
//! can be, those of others are left alone, and nothing is kept of what is over.

use super::model::Model;
use proptest::prelude::*;
use proptest::sample::Index;

#[derive(Clone, Debug)]
enum Op {
    Call,
    Start { thread: u8, join: bool },
    Write(Index),
    Forget(Index),
    Read(Index),
    AnswerCall { caller: Index, refuse: bool },
    AnswerStart,
    Announce(Index),
    Speak(Index),
    End(Index),
    Abandon(Index),
    AnswerInterrupt { accept: bool },
    Close,
}

fn op() -> impl Strategy<Value = Op> {
    let index = any::<Index>;
    prop_oneof![
        20 => Just(Op::Call),
        60 => (0..3u8, any::<bool>()).prop_map(|(thread, join)| Op::Start { thread, join }),
        90 => index().prop_map(Op::Write),
        50 => index().prop_map(Op::Forget),
        40 => index().prop_map(Op::Read),
        20 => (index(), any::<bool>()).prop_map(|(caller, refuse)| Op::AnswerCall { caller, refuse }),
        60 => Just(Op::AnswerStart),
        50 => index().prop_map(Op::Announce),
        30 => index().prop_map(Op::Speak),
        40 => index().prop_map(Op::End),
        20 => index().prop_map(Op::Abandon),
        40 => any::<bool>().prop_map(|accept| Op::AnswerInterrupt { accept }),
        1 => Just(Op::Close),
    ]
}

/// Carries out what can be carried out.
fn apply(model: &mut Model, op: Op) {
    let callers = model.callers();
    let caller = |index: Index| (callers > 0).then(|| index.index(callers));
    let turns = model.turns.len();
    let turn = |index: Index| (turns > 0).then(|| index.index(turns));
    match op {
        Op::Call => model.call(None, false),
        Op::Start { thread, join } => model.call(Some(thread), join),
        Op::Write(index) => caller(index).into_iter().for_each(|caller| model.write(caller)),
        Op::Forget(index) => caller(index).into_iter().for_each(|caller| model.forget(caller)),
        Op::Read(index) => caller(index).into_iter().for_each(|caller| model.read(caller)),
        Op::AnswerCall { caller: index, refuse } => {
            caller(index).into_iter().for_each(|caller| model.answer(Some(caller), refuse));
        }
        Op::AnswerStart => model.answer(None, false),
        Op::Announce(index) => turn(index).into_iter().for_each(|turn| model.announce(turn)),
        Op::Speak(index) => turn(index).into_iter().for_each(|turn| model.speak(turn)),
        Op::End(index) => turn(index).into_iter().for_each(|turn| model.end(turn)),
        Op::Abandon(index) => turn(index).into_iter().for_each(|turn| model.abandon(turn)),
        Op::AnswerInterrupt { accept } => model.answer_interrupt(accept),
        Op::Close => model.close(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn abandoned_turns_are_stopped_and_nothing_is_left(ops in prop::collection::vec(op(), 0..120)) {
        let mut model = Model::new();
        for op in ops {
            apply(&mut model, op);
        }
        model.settle();
        model.check_interrupts();
        model.check_leaks();
    }
}

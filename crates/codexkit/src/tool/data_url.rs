//! Bytes as a URL.

use crate::base64;

/// Bytes as a `data:` URL, in base 64.
pub(super) fn data_url(media_type: &str, bytes: &[u8]) -> String {
    let mut url = format!("data:{media_type};base64,");
    base64::encode_to(&mut url, bytes);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_names_the_type_and_holds_the_bytes() {
        assert_eq!(data_url("text/plain", b"foob"), "data:text/plain;base64,Zm9vYg==");
    }
}

//! Text that comes in: brought into one form before it is checked, and what no text may hold.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::domain::refusal::Fault;
pub(super) use crate::domain::text::is_fit;

/// Text in NFC without blanks at its ends, so that equal words are equal bytes: `V1` and `V1 ` are one voucher.
pub(super) fn normal(text: &str) -> String {
    let trimmed = text.trim();
    if is_nfc(trimmed) { trimmed.to_owned() } else { trimmed.nfc().collect() }
}

/// The fault of a text that may not be kept.
pub(super) fn fault(place: String) -> Fault {
    Fault::at(place, "unfit_text", "Có ký tự điều khiển hoặc ký tự ẩn.", "Holds control characters or invisible marks.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_at_the_ends_and_decomposed_letters_make_no_difference() {
        assert_eq!((normal(" V1\t"), normal("A\u{0301}")), ("V1".to_owned(), "Á".to_owned()));
    }
}

//! Text that comes in: brought into one form before it is checked, and what no text may hold.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::domain::refusal::Fault;

/// Text in NFC without blanks at its ends, so that equal words are equal bytes: `V1` and `V1 ` are one voucher.
pub(super) fn normal(text: &str) -> String {
    let trimmed = text.trim();
    if is_nfc(trimmed) { trimmed.to_owned() } else { trimmed.nfc().collect() }
}

/// Control characters (but for line breaks and tabs) and marks that cannot be seen: a database may refuse the first,
/// and the second make two texts that look the same.
fn is_unfit(letter: char) -> bool {
    let invisible = matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{feff}');
    invisible || (letter.is_control() && letter != '\n' && letter != '\t' && letter != '\r')
}

/// Whether a text may be kept or searched for.
pub(super) fn is_fit(text: &str) -> bool {
    !text.chars().any(is_unfit)
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

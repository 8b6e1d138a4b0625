//! Stored keys for text: sorting as Vietnamese does and searching without diacritics, the same on both databases.

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::StoreError;

thread_local! {
    /// Choosing a collator reads tables: once a thread.
    static COLLATOR: Option<CollatorBorrowed<'static>> =
        Collator::try_new(icu_locale_core::locale!("vi").into(), CollatorOptions::default()).ok();
}

/// The collation key of a name in lower-case hexadecimal, whose byte order is the Vietnamese order: *Ấp* before *Đồng*.
///
/// # Errors
/// The tables of the language are not in the binary.
pub(super) fn sort_key(name: &str) -> Result<String, StoreError> {
    let mut key = Vec::new();
    COLLATOR.with(|collator| {
        let collator = collator.as_ref().ok_or_else(|| StoreError::Malformed("no Vietnamese collation".to_owned()))?;
        let Ok(()) = collator.write_sort_key_to(name, &mut key);
        Ok::<(), StoreError>(())
    })?;
    Ok(key.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Text without diacritics and case, for searching: `an giang` finds *An Giang*, *đ* is *d*.
pub(super) fn folded(text: &str) -> String {
    let base = text.nfd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase);
    base.map(|letter| if letter == 'đ' { 'd' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_vietnamese_does() {
        let mut names = ["Đồng Tháp", "Ấp Mới", "Zeta", "Dân Tiến", "An Giang", "Bình Thành"];
        names.sort_by_key(|name| sort_key(name).unwrap());
        assert_eq!(names, ["An Giang", "Ấp Mới", "Bình Thành", "Dân Tiến", "Đồng Tháp", "Zeta"]);
    }

    #[test]
    fn searching_ignores_diacritics_and_case() {
        assert_eq!(folded("HTX Nông nghiệp Đồng Tiến"), "htx nong nghiep dong tien");
    }
}

//! Tables as files: CSV and XLSX in and out, with the same columns, and faults with the address of their cell (RFC 7111).

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use serde::Deserialize;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::call::Upload;
use super::error::{ApiError, Kind};
use super::operations::LARGEST_FILE;
use super::text;
use crate::domain::quantity::Quantity;
use crate::domain::refusal::{Fault, Refusal};
use crate::domain::text::Text;

/// The media type of comma-separated values (RFC 4180), in UTF-8.
pub const CSV: &str = "text/csv";
/// The same as an answer says it: who is not told reads the letters in an encoding of its own.
pub const CSV_ANSWERED: &str = "text/csv; charset=utf-8";
/// What a file may begin with so that spreadsheets read its letters as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// The media type of a spreadsheet.
pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The most rows that a file may have: all of them are read before any is written. A spreadsheet is also written with no
/// more, since it is made in memory; comma-separated values are written page by page, whatever their number.
pub const MOST_ROWS: usize = 10_000;
/// The most bytes that a spreadsheet may unfold to.
const MOST_UNFOLDED: u64 = 16 * 1024 * 1024;
/// The most faults that are told of one file.
pub const MOST_FAULTS: usize = 200;

/// A table as comma-separated values.
#[derive(Debug)]
pub struct CsvTable;

/// A table as a spreadsheet.
#[derive(Debug)]
pub struct XlsxTable;

fn file(words: &str, format: Option<&str>, example: &str) -> RefOr<Schema> {
    let format = format.map(|name| utoipa::openapi::SchemaFormat::Custom(name.to_owned()));
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(words))
        .format(format)
        .pattern(Some(r"[\s\S]"))
        .min_length(Some(1))
        .max_length(Some(LARGEST_FILE))
        .examples([example])
        .into()
}

impl PartialSchema for CsvTable {
    fn schema() -> RefOr<Schema> {
        file("Comma-separated values in UTF-8, the names of the columns in the first row.", None, "category,amount\r\n")
    }
}

impl ToSchema for CsvTable {}

impl PartialSchema for XlsxTable {
    fn schema() -> RefOr<Schema> {
        file("A spreadsheet: its first sheet, the names of the columns in the first row.", Some("binary"), "PK")
    }
}

impl ToSchema for XlsxTable {}

/// How comma-separated values are written.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CsvQuery {
    /// `true`: comma-separated values begin with a byte order mark, without which some spreadsheets spoil Vietnamese letters.
    #[param(nullable = false)]
    bom: Option<bool>,
}

impl CsvQuery {
    /// What a file begins with.
    pub fn start(&self) -> &'static str {
        start(self.bom)
    }
}

/// What a file begins with, with a byte order mark or without.
pub fn start(bom: Option<bool>) -> &'static str {
    if bom == Some(true) { BYTE_ORDER_MARK } else { "" }
}

/// The columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Columns {
    /// All of them, in the order in which they are written.
    pub all: &'static [&'static str],
    /// Those that a file may leave out.
    pub optional: &'static [&'static str],
}

/// A table that was read: named columns, and rows of texts. An empty text is a cell that is not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns, in the order of the file.
    pub columns: &'static [&'static str],
    /// The rows, in the order of the file, each as long as the columns.
    pub rows: Vec<Vec<String>>,
    /// The number of each row in the file, counted from 1: addresses are those of the file.
    numbers: Vec<usize>,
    /// The number of each column in the file, counted from 1, if it stands there.
    places: Vec<Option<usize>>,
}

/// What a file holds, before its head is read.
struct Cells {
    /// Columns that are left empty before the first one.
    indent: usize,
    /// The rows with their numbers in the file, counted from 1: empty ones are left out, and counted.
    rows: Vec<(usize, Vec<String>)>,
}

/// The address of a cell (RFC 7111), row and column counted from 1.
fn cell(row: usize, column: usize) -> String {
    format!("#cell={row},{column}")
}

fn fault(pointer: impl Into<String>, code: &'static str, vi: &str, en: &str) -> ApiError {
    ApiError::faults(Kind::InvalidBody, vec![Fault::at(pointer, code, vi, en)])
}

impl Table {
    /// Reads a file whose first row names these columns, in any order, and no others; optional ones may be missing.
    ///
    /// # Errors
    /// It cannot be read, its head is another, or it has too many rows.
    pub fn read(upload: &Upload, columns: Columns) -> Result<Self, ApiError> {
        let is_sheet = upload.media_type == XLSX;
        let Cells { indent, rows } = if is_sheet { from_xlsx(&upload.bytes)? } else { from_csv(&upload.bytes)? };
        let mut given = rows.into_iter();
        let Some((head_row, head)) = given.next() else {
            return Err(fault("#row=1", "required", "Tệp không có dòng tiêu đề.", "The file has no head."));
        };
        // Only comma-separated values are given apostrophes: in a spreadsheet a text is a text.
        let words = |text: &str| if is_sheet { text::normal(text) } else { kept(text) };
        let head: Vec<String> = head.iter().map(|name| words(name)).collect();
        let stands = places(&head, columns, (head_row, indent))?;
        let places: Vec<_> =
            stands.iter().map(|place| place.map(|at| at.saturating_add(indent).saturating_add(1))).collect();
        let (mut rows, mut numbers, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        for (number, row) in given {
            if rows.len() == MOST_ROWS {
                return Err(too_many_rows(number));
            }
            if row.len() > head.len() {
                let (vi, en) = ("Dòng có nhiều ô hơn tiêu đề.", "The row has more cells than the head.");
                faults.push(Fault::at(format!("#row={number}"), "malformed_row", vi, en));
            }
            let take =
                |place: &Option<usize>| place.and_then(|at| row.get(at)).map(|text| words(text)).unwrap_or_default();
            let ordered: Vec<String> = stands.iter().map(take).collect();
            let unfit = ordered.iter().zip(&places).filter(|(text, _)| !text::is_fit(text));
            faults.extend(unfit.map(|(_, place)| text::fault(cell(number, place.unwrap_or_default()))));
            rows.push(ordered);
            numbers.push(number);
        }
        if faults.is_empty() {
            Ok(Self { columns: columns.all, rows, numbers, places })
        } else {
            Err(ApiError::faults(Kind::InvalidBody, told(faults)))
        }
    }

    /// The cells of a row that are given, by their columns.
    pub fn members(&self, row: usize) -> impl Iterator<Item = (&'static str, &str)> {
        let cells = self.rows.get(row).into_iter().flatten().map(String::as_str);
        self.columns.iter().copied().zip(cells).filter(|(_, text)| !text.is_empty())
    }

    /// The text of a cell; empty where it is not given.
    pub fn cell(&self, row: usize, column: &str) -> &str {
        self.members(row).find(|(name, _)| *name == column).map_or("", |(_, text)| text)
    }

    /// Whether the file has a column.
    pub fn has(&self, column: &str) -> bool {
        let at = self.columns.iter().position(|name| *name == column);
        at.and_then(|at| self.places.get(at)).is_some_and(Option::is_some)
    }

    /// A fault of a form that was made from rows, with the address of its cell: `list` is the member of the form whose items
    /// are the rows of those numbers; any other member stands in the first of them.
    pub fn place(&self, fault: Fault, list: &str, rows: &[usize]) -> Fault {
        let Fault { pointer, code, message, inputs, legal_basis } = fault;
        let inside = pointer.strip_prefix(list).and_then(|rest| rest.strip_prefix('/'));
        let (at, member) = inside.map_or((None, pointer.as_str()), |rest| {
            let (at, member) = rest.split_once('/').unwrap_or((rest, ""));
            (at.parse::<usize>().ok(), member)
        });
        let row = rows.get(at.unwrap_or_default()).and_then(|row| self.numbers.get(*row)).copied().unwrap_or(1);
        let name = member.trim_start_matches('/').split('/').next().unwrap_or_default();
        let column = self.columns.iter().position(|column| *column == name);
        let Some(place) = column.and_then(|column| self.places.get(column).copied().flatten()) else {
            return Fault { pointer: format!("#row={row}"), code, message, inputs, legal_basis };
        };
        let Text { vi, en } = message;
        let (vi, en) = (format!("Dòng {row}, cột “{name}”: {vi}"), format!("Row {row}, column {name}: {en}"));
        Fault {
            pointer: cell(row, place),
            code,
            message: Text::new(vi, en),
            inputs: inputs.and(&[("row", &row), ("column", &name)]),
            legal_basis,
        }
    }
}

/// A spreadsheet that would be too long.
pub fn too_long() -> ApiError {
    let vi = format!("Bảng tính có tối đa {MOST_ROWS} dòng; hãy yêu cầu text/csv.");
    let en = format!("A spreadsheet has at most {MOST_ROWS} rows: ask for text/csv.");
    ApiError::because(Kind::NotAcceptable, vi, en)
}

/// Rows as comma-separated values.
///
/// # Errors
/// They cannot be written.
pub fn csv<S: AsRef<str>>(rows: &[Vec<S>]) -> Result<Vec<u8>, ApiError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|text| neutral(text.as_ref()))).map_err(|error| broken(&error))?;
    }
    writer.into_inner().map_err(|error| broken(&error))
}

/// A table as a spreadsheet. Amounts are numbers in it, everything else is text: codes keep their zeros.
///
/// # Errors
/// It cannot be written.
pub fn sheet(columns: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, ApiError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let head = columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>();
    for (row, cells) in (0..).zip(std::iter::once(&head).chain(rows)) {
        for ((column, name), text) in (0..).zip(columns).zip(cells) {
            let number = text.parse::<i64>().ok().filter(|_| row > 0 && *name == "amount");
            let written = match number {
                _ if text.is_empty() => continue,
                // Fifteen digits: a float holds them exactly.
                Some(number) => sheet.write_number(row, column, number as f64),
                None => sheet.write_string(row, column, text),
            };
            written.map_err(|error| broken(&error))?;
        }
    }
    workbook.save_to_buffer().map_err(|error| broken(&error))
}

/// Where each column stands in the head, counted from 0. The head stands in a row of the file, after some empty columns.
fn places(names: &[String], columns: Columns, (row, indent): (usize, usize)) -> Result<Vec<Option<usize>>, ApiError> {
    let Columns { all: columns, optional } = columns;
    let mut faults = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let pointer = cell(row, at.saturating_add(indent).saturating_add(1));
        if !columns.contains(&name.as_str()) {
            let known = columns.join(", ");
            let (vi, en) =
                (format!("Cột không được biết. Các cột: {known}."), format!("Unknown column. Columns: {known}."));
            faults.push(Fault::at(pointer, "unknown_member", vi, en));
        } else if names.iter().position(|other| other == name) != Some(at) {
            faults.push(Fault::at(pointer, "repeated_item", "Cột bị lặp.", "Repeated column."));
        }
    }
    let mut places = Vec::new();
    for column in columns {
        match names.iter().position(|name| name == column) {
            None if !optional.contains(column) => {
                let (vi, en) = (format!("Thiếu cột {column}."), format!("The column {column} is missing."));
                faults.push(Fault::at(format!("#row={row}"), "required", vi, en));
            }
            place => places.push(place),
        }
    }
    if faults.is_empty() { Ok(places) } else { Err(ApiError::faults(Kind::InvalidBody, told(faults))) }
}

/// As many faults as are told, and how many more there are.
fn told(mut faults: Vec<Fault>) -> Vec<Fault> {
    let more = faults.len().saturating_sub(MOST_FAULTS);
    if more > 0 {
        // The last place is for the number of those that are left out.
        let more = more.saturating_add(1);
        faults.truncate(MOST_FAULTS.saturating_sub(1));
        let (vi, en) = (format!("Còn {more} lỗi khác trong tệp."), format!("The file has {more} more faults."));
        faults.push(Fault::at("", "more_faults", vi, en).given(&[("more", &more)]));
    }
    faults
}

fn too_many_rows(number: usize) -> ApiError {
    let (vi, en) = (format!("Tối đa {MOST_ROWS} dòng."), format!("At most {MOST_ROWS} rows."));
    fault(format!("#row={number}"), "too_many", &vi, &en)
}

/// One record of comma-separated values, with its line end; no cell of it is a formula.
///
/// # Errors
/// It cannot be written.
pub fn record(cells: &[String]) -> Result<String, ApiError> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells.iter().map(|text| neutral(text))).map_err(|error| broken(&error))?;
    let bytes = writer.into_inner().map_err(|error| broken(&error))?;
    String::from_utf8(bytes).map_err(|error| broken(&error))
}

/// A file that could not be written.
pub fn broken(error: &dyn std::fmt::Display) -> ApiError {
    tracing::error!(%error, "a table could not be written");
    ApiError::of(Kind::Internal)
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe; a number is none. A text that has such an
/// apostrophe of its own gets one more: each text is read back as it was.
fn neutral(text: &str) -> String {
    let is_number = || text.parse::<i64>().is_ok() || text.parse::<Quantity>().is_ok();
    if is_like_formula(text) && !is_number() { format!("'{text}") } else { text.to_owned() }
}

/// The text of a cell as it is kept: in one form, and without the apostrophe that kept it from being a formula.
fn kept(text: &str) -> String {
    let text = text::normal(text);
    match text.strip_prefix('\'') {
        Some(rest) if is_like_formula(rest) => rest.to_owned(),
        _ => text,
    }
}

/// Whether a text begins like a formula, after any apostrophes.
fn is_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

fn from_csv(bytes: &[u8]) -> Result<Cells, ApiError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
    let mut record = csv::StringRecord::new();
    let (mut rows, mut number, mut from) = (Vec::new(), 1_usize, 0_usize);
    // The head, the most rows, and one that is too many.
    while rows.len() < MOST_ROWS.saturating_add(2) {
        let after_last = usize::try_from(reader.position().byte()).unwrap_or_default();
        let empty = bytes.get(after_last..).unwrap_or_default();
        let empty = empty.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let begins = after_last.saturating_add(empty);
        number = number.saturating_add(line_ends(bytes.get(from..begins).unwrap_or_default()));
        from = begins;
        let unread = |_| {
            let (vi, en) = ("Không đọc được dòng này (UTF-8?).", "The row cannot be read (UTF-8?).");
            fault(format!("#row={number}"), "malformed_row", vi, en)
        };
        if !reader.read_record(&mut record).map_err(unread)? {
            break;
        }
        rows.push((number, record.iter().map(str::to_owned).collect()));
        // Lines within a cell are no rows.
        number = number.saturating_sub(record.iter().map(|text| line_ends(text.as_bytes())).sum());
    }
    Ok(Cells { indent: 0, rows })
}

/// How many lines end in a text: by a line feed, or by a carriage return without one.
fn line_ends(bytes: &[u8]) -> usize {
    let next = bytes.iter().skip(1).map(Some).chain([None]);
    bytes.iter().zip(next).filter(|(byte, next)| **byte == b'\n' || (**byte == b'\r' && *next != Some(&b'\n'))).count()
}

fn from_xlsx(bytes: &[u8]) -> Result<Cells, ApiError> {
    let unread = || fault("", "malformed_file", "Không đọc được bảng tính.", "The spreadsheet cannot be read.");
    unfolds_within_bounds(bytes).ok_or_else(unread)?;
    let mut workbook: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| unread())?;
    let range = workbook.worksheet_range_at(0).ok_or_else(unread)?.map_err(|_| unread())?;
    if range.width() > 100 {
        return Err(fault("#row=1", "too_many", "Tối đa 100 cột.", "At most 100 columns."));
    }
    let index = |index: u32| usize::try_from(index).unwrap_or_default();
    let (above, indent) = range.start().map_or((0, 0), |(row, column)| (index(row), index(column)));
    let rows = (above.saturating_add(1)..).zip(range.rows());
    let filled = rows.filter(|(_, row)| row.iter().any(|cell| *cell != Data::Empty));
    // The head, the most rows, and one that is too many.
    let filled = filled.take(MOST_ROWS.saturating_add(2));
    Ok(Cells { indent, rows: filled.map(|(number, row)| (number, row.iter().map(in_words).collect())).collect() })
}

/// A small file may unfold to a huge one: it is unfolded once, into nothing, and counted.
fn unfolds_within_bounds(bytes: &[u8]) -> Option<()> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut left = MOST_UNFOLDED;
    for at in 0..archive.len() {
        let part = archive.by_index(at).ok()?;
        let read = std::io::copy(&mut part.take(left.saturating_add(1)), &mut std::io::sink()).ok()?;
        left = left.checked_sub(read)?;
    }
    Some(())
}

/// A cell in words: numbers without exponent, dates as `YYYY-MM-DD`.
fn in_words(cell: &Data) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        Data::DateTime(date) => {
            let (year, month, day, ..) = date.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
    }
}

/// What is wrong with a file: faults against the schema and refusals of the rules, all of them, each with its cell.
#[derive(Debug, Default)]
pub struct Faults {
    invalid: bool,
    refusal: Option<Refusal>,
    faults: Vec<Fault>,
}

impl Faults {
    /// Adds faults against the schema.
    pub fn invalid(&mut self, faults: Vec<Fault>) {
        self.invalid |= !faults.is_empty();
        self.faults.extend(faults);
    }

    /// Adds a refusal, whose faults were placed already.
    pub fn refused(&mut self, refusal: Refusal, placed: Vec<Fault>) {
        self.faults.extend(placed);
        self.refusal.get_or_insert(refusal);
    }

    /// Passes when there are none.
    ///
    /// # Errors
    /// All of them, under the first rule that refused; 400 when a row does not even follow the schema.
    pub fn none(self) -> Result<(), ApiError> {
        match self.refusal {
            _ if self.invalid => Err(ApiError::faults(Kind::InvalidBody, told(self.faults))),
            Some(refusal) => Err(refusal.with_faults(told(self.faults)).into()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::web::Bytes;

    use super::*;

    const COLUMNS: Columns = Columns { all: &["code", "note", "amount"], optional: &[] };

    fn table() -> Table {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let rows = vec![
            row(["089", "=1+1", "999999999999999"]),
            row(["", "Ấp \"Đồng\", dòng\nhai", "-25000000"]),
            row(["'=x", "''@b", ""]),
        ];
        Table { columns: COLUMNS.all, rows, numbers: (2..5).collect(), places: (1..4).map(Some).collect() }
    }

    fn as_csv(table: &Table) -> Vec<u8> {
        [csv(&[COLUMNS.all.to_vec()]).unwrap(), csv(&table.rows).unwrap()].concat()
    }

    fn upload(media_type: &str, bytes: Vec<u8>) -> Upload {
        Upload { media_type: media_type.to_owned(), bytes: Bytes::from(bytes) }
    }

    #[test]
    fn a_file_that_was_written_is_read_as_the_same_table() {
        let table = table();
        let csv = as_csv(&table);
        assert!(String::from_utf8(csv.clone()).unwrap().contains("089,'=1+1,999999999999999\r\n"));
        assert_eq!(Table::read(&upload(CSV, csv.clone()), COLUMNS).unwrap(), table);
        let with_mark = [b"\xef\xbb\xbf".to_vec(), csv].concat();
        assert_eq!(Table::read(&upload(CSV, with_mark), COLUMNS).unwrap(), table);
        assert_eq!(Table::read(&upload(XLSX, sheet(COLUMNS.all, &table.rows).unwrap()), COLUMNS).unwrap(), table);
    }

    #[test]
    fn columns_may_stand_in_any_order_and_none_may_miss_or_repeat() {
        let read = |text: &str| Table::read(&upload(CSV, text.as_bytes().to_vec()), COLUMNS);
        assert_eq!(read("amount,code,note\n1,a,b\n").unwrap().rows, [["a", "b", "1"]]);
        for (text, expected) in [
            ("", vec!["#row=1"]),
            ("code,note\n", vec!["#row=1"]),
            ("code,note,amount,colour,code\n", vec!["#cell=1,4", "#cell=1,5"]),
            ("code,note,amount\na,b,1,2\nc\u{0},d,1\n", vec!["#row=2", "#cell=3,1"]),
            ("code,note,amount\n\u{202e}a,b,1\n", vec!["#cell=2,1"]),
        ] {
            let Err(ApiError::Problem { faults, .. }) = read(text) else { panic!("{text} was read") };
            assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), expected, "{text}");
        }
        let with_note = Columns { optional: &["note"], ..COLUMNS };
        let without = Table::read(&upload(CSV, b"amount,code\n1,a\n".to_vec()), with_note).unwrap();
        assert_eq!(
            (without.rows.clone(), without.has("note"), without.has("code")),
            (vec![vec!["a".to_owned(), String::new(), "1".to_owned()]], false, true)
        );
        assert_eq!(without.place(Fault::at("/note", "x", "vi", "en"), "/rows", &[0]).pointer, "#row=2");
        assert!(read(&format!("code,note,amount\n{}", "a,b,1\n".repeat(MOST_ROWS + 1))).is_err());
        for bytes in [b"junk".to_vec(), b"PK\x03\x04".to_vec(), Vec::new()] {
            assert!(Table::read(&upload(XLSX, bytes), COLUMNS).is_err());
        }
        assert!(Table::read(&upload(CSV, b"code,note,amount\n\xff\xfe,b,1\n".to_vec()), COLUMNS).is_err());
    }

    #[test]
    fn a_spreadsheet_that_unfolds_without_end_is_not_read() {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        writer.start_file("xl/worksheets/sheet1.xml", options).unwrap();
        for _ in 0..20 {
            std::io::Write::write_all(&mut writer, &vec![b' '; 1024 * 1024]).unwrap();
        }
        let bytes = writer.finish().unwrap().into_inner();
        assert!(bytes.len() < 1024 * 1024);
        assert_eq!(unfolds_within_bounds(&bytes), None);
    }

    #[test]
    fn a_fault_of_a_form_is_told_at_its_cell() {
        let place = |pointer: &str| table().place(Fault::at(pointer, "x", "vi", "en"), "/items", &[0, 2]).pointer;
        assert_eq!(place("/items/1/amount"), "#cell=4,3");
        assert_eq!(place("/items/1"), "#row=4");
        assert_eq!(place("/note"), "#cell=2,2");
        assert_eq!(place("/elsewhere"), "#row=2");
        assert_eq!(place(""), "#row=2");
    }

    #[test]
    fn rows_are_numbered_as_the_file_numbers_them() {
        let numbers = |text: &str| {
            from_csv(text.as_bytes()).unwrap().rows.into_iter().map(|(number, _)| number).collect::<Vec<_>>()
        };
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", "a,b", "", "", "1,\"two\nlines\r\nmore\"", "3,4", "", "5,6"].join(end);
            assert_eq!(numbers(&text), [2, 5, 6, 8], "{end:?}");
        }
        assert_eq!(numbers("\u{feff}a\n1"), [1, 2]);
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for (row, cells) in [(2, ["code", "note", "amount"]), (5, ["a", "\u{202e}", "1"])] {
            for (column, text) in (2..).zip(cells) {
                sheet.write_string(row, column, text).unwrap();
            }
        }
        let read = Table::read(&upload(XLSX, workbook.save_to_buffer().unwrap()), COLUMNS);
        let Err(ApiError::Problem { faults, .. }) = read else { panic!("it was read") };
        assert_eq!(faults.iter().map(|fault| fault.pointer.as_str()).collect::<Vec<_>>(), ["#cell=6,4"]);
    }

    #[test]
    fn faults_that_are_left_out_are_counted() {
        let faults =
            |count: usize| told((0..count).map(|at| Fault::at(format!("#row={at}"), "x", "vi", "en")).collect());
        assert_eq!(faults(MOST_FAULTS).last().unwrap().pointer, "#row=199");
        let cut = faults(MOST_FAULTS + 1);
        assert_eq!((cut.len(), cut.last().unwrap().message.en.as_str()), (MOST_FAULTS, "The file has 2 more faults."));
    }
}

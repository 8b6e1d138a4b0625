//! The sheets of a workbook, written from top to bottom: formats, title block, print setup.

use rust_xlsxwriter::{DocProperties, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet, XlsxError};

use crate::api::error::ApiError;
use crate::api::table::broken;
use crate::domain::quantity::Quantity;

/// A4, in the numbering of spreadsheets.
const A4: u8 = 9;
/// The face of official documents (Decree 30/2020/NĐ-CP).
const FACE: &str = "Times New Roman";

/// How a cell looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Bold, in the middle, with a border.
    Head,
    /// Text, wrapped, with a border.
    Text,
    /// A code: text in the middle.
    Code,
    /// A whole number, or one with two places.
    Number(bool),
    /// The same of a figure that is expected and not established: in italics, and said so.
    Estimate(bool),
    /// The same, bold.
    Sum(bool),
    /// The title: bold and large.
    Title,
    /// Words without a border, in the middle.
    Words,
    /// The same, bold.
    Bold,
}

impl Look {
    fn format(self) -> Format {
        let face = Format::new().set_font_name(FACE).set_font_size(11);
        let bordered = face.clone().set_border(FormatBorder::Thin).set_align(FormatAlign::VerticalCenter);
        let places = |two: bool| if two { "#,##0.00" } else { "#,##0" };
        match self {
            Self::Head => bordered.set_bold().set_text_wrap().set_align(FormatAlign::Center),
            Self::Text => bordered.set_text_wrap().set_align(FormatAlign::Left),
            Self::Code => bordered.set_num_format("@").set_align(FormatAlign::Center),
            Self::Number(two) => bordered.set_num_format(places(two)),
            Self::Estimate(two) => bordered.set_italic().set_num_format(format!("{} \"(ước)\"", places(two))),
            Self::Sum(two) => bordered.set_bold().set_num_format(places(two)),
            Self::Title => face.set_bold().set_font_size(14).set_align(FormatAlign::Center),
            Self::Words => face.set_align(FormatAlign::Center),
            Self::Bold => face.set_bold().set_align(FormatAlign::Center),
        }
    }
}

/// A workbook being written.
pub(super) struct Paper {
    workbook: Workbook,
}

/// A sheet being written: rows and columns are counted from 0.
pub(super) struct Sheet<'a> {
    sheet: &'a mut Worksheet,
}

/// How a sheet is laid out and printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout<'a> {
    /// Its name on the tab.
    pub(super) name: &'a str,
    /// The rows that head each printed page: first and last.
    pub(super) head: (u32, u32),
    /// How many columns on the left stay in sight and head each page.
    pub(super) left: u16,
    /// The widths of the columns, in characters.
    pub(super) widths: &'a [u16],
}

impl Paper {
    /// Writes a workbook.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn print(write: impl FnOnce(&mut Self) -> Result<(), XlsxError>) -> Result<Vec<u8>, ApiError> {
        let mut paper = Self { workbook: Workbook::new() };
        let properties = DocProperties::new().set_title("Báo cáo định kỳ Đề án HTX kiểu mới").set_author("Sarus");
        paper.workbook.set_properties(&properties);
        let bytes = write(&mut paper).and_then(|()| paper.workbook.save_to_buffer());
        bytes.map_err(|error| broken(&error))
    }

    /// Adds a sheet: A4 on its side, as wide as the page while it is readable, heads on every page, pages counted.
    pub(super) fn sheet(&mut self, layout: &Layout<'_>) -> Result<Sheet<'_>, XlsxError> {
        let sheet = self.workbook.add_worksheet();
        sheet.set_name(layout.name)?.set_paper_size(A4).set_landscape();
        // What a formula leaves empty is empty, also where nobody computes it again.
        sheet.set_formula_result_default("");
        sheet.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
        sheet.set_footer("&C&\"Times New Roman\"Trang &P/&N");
        sheet.set_repeat_rows(layout.head.0, layout.head.1)?;
        sheet.set_freeze_panes(layout.head.1.saturating_add(1), layout.left)?;
        if layout.left > 0 {
            sheet.set_repeat_columns(0, layout.left.saturating_sub(1))?;
        }
        if layout.widths.len() <= 12 {
            sheet.set_print_fit_to_pages(1, 0);
        }
        for (column, width) in (0..).zip(layout.widths) {
            sheet.set_column_width(column, *width)?;
        }
        Ok(Sheet { sheet })
    }
}

impl Sheet<'_> {
    /// A text. A cell of text is never a formula, whatever it begins with.
    pub(super) fn text(&mut self, row: u32, column: u16, text: &str, look: Look) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(row, column, text, &look.format()).map(|_| ())
    }

    /// A number, as a number; nothing where there is none.
    pub(super) fn number(&mut self, row: u32, column: u16, number: Option<Quantity>) -> Result<(), XlsxError> {
        self.figure(row, column, number, Look::Number)
    }

    /// A number in a look of its own.
    pub(super) fn figure(
        &mut self,
        row: u32,
        column: u16,
        number: Option<Quantity>,
        look: fn(bool) -> Look,
    ) -> Result<(), XlsxError> {
        let format = |places| look(places).format();
        let Some(number) = number else { return self.sheet.write_blank(row, column, &format(false)).map(|_| ()) };
        match number.to_string().parse::<f64>() {
            Ok(float) => {
                self.sheet.write_number_with_format(row, column, float, &format(number.hundredths)).map(|_| ())
            }
            Err(_) => self.text(row, column, &number.to_string(), Look::Code),
        }
    }

    /// A formula, with the value that it has now.
    pub(super) fn formula(
        &mut self,
        row: u32,
        column: u16,
        formula: &str,
        (value, places): (Option<Quantity>, bool),
    ) -> Result<(), XlsxError> {
        let value = value.map(|value| value.to_string()).unwrap_or_default();
        let formula = Formula::new(formula).set_result(value);
        self.sheet.write_formula_with_format(row, column, formula, &Look::Sum(places).format()).map(|_| ())
    }

    /// Words over several columns of a row.
    pub(super) fn across(
        &mut self,
        row: u32,
        (first, last): (u16, u16),
        text: &str,
        look: Look,
    ) -> Result<(), XlsxError> {
        if last <= first {
            return self.text(row, first, text, look);
        }
        self.sheet.merge_range(row, first, row, last, text, &look.format()).map(|_| ())
    }

    /// The height of a row, in points.
    pub(super) fn height(&mut self, row: u32, points: u16) -> Result<(), XlsxError> {
        self.sheet.set_row_height(row, points).map(|_| ())
    }
}

//! The sheets: the indicators, what ratios are made of, the breakdowns, which figures are estimates, the reports behind them.

use rust_xlsxwriter::XlsxError;
use rust_xlsxwriter::utility::row_col_to_cell;

use super::paper::{Layout, Look, Paper, Sheet};
use super::{Book, Column};
use crate::domain::indicator::{
    Additivity, Figure, FigureStatus, FurtherBy, Indicator, IndicatorMeasure, IndicatorUnit, Measure, NOT_STATED,
    RATINGS, over_provinces, over_units,
};
use crate::domain::period::Period;
use crate::domain::quantity::Quantity;
use crate::domain::report::{ReportLevel, ReportState, Timeliness};

/// The columns left of the reports: number, code, name, unit of measure.
const LEFT: u16 = 4;
/// The first row of the head; the codes of the units stand under it.
const HEAD: u32 = 7;
/// The first row of figures.
const FIRST: u32 = 9;
/// The sheet that ratios are made from.
const RATIOS: &str = "Tử số - mẫu số";

/// A column by its place.
fn place(index: usize) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn row_at(index: usize) -> u32 {
    FIRST.saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
}

/// Writes all sheets of a book.
pub(super) fn write(book: &Book, paper: &mut Paper) -> Result<(), XlsxError> {
    let form: Vec<Indicator> = book.form.of(book.level, book.period).collect();
    let ratios: Vec<Indicator> = form.iter().copied().filter(|indicator| indicator.is_ratio()).collect();
    indicators(book, paper, &form, &ratios)?;
    parts_of_ratios(book, paper, &ratios)?;
    breakdowns(book, paper, &form)?;
    statuses(book, paper, &form)?;
    sources(book, paper)
}

impl Book {
    /// The column of the totals, right of the reports.
    fn total(&self) -> u16 {
        LEFT.saturating_add(place(self.columns.len()))
    }

    fn figures(&self, indicator: Indicator) -> impl Iterator<Item = &Figure> {
        self.columns.iter().filter_map(move |column| column.figures.get(&indicator))
    }

    /// What an indicator comes to over the reports.
    fn whole(&self, indicator: Indicator) -> Measure {
        let figures = self.figures(indicator);
        match self.level {
            ReportLevel::Province => over_provinces(indicator, figures).measure,
            ReportLevel::Locality | ReportLevel::LineDepartment => over_units(indicator, figures).measure,
        }
    }

    /// The sum over the reports of a row; empty where none of them states anything.
    fn total_of(&self, row: u32) -> String {
        let last = self.total().saturating_sub(1);
        let all = format!("{}:{}", row_col_to_cell(row, LEFT), row_col_to_cell(row, last.max(LEFT)));
        format!("=IF(COUNT({all})=0,\"\",SUM({all}))")
    }

    /// The title block and the head of a sheet whose columns are the reports.
    fn open<'a>(&self, paper: &'a mut Paper, name: &str, title: &str) -> Result<Sheet<'a>, XlsxError> {
        let mut widths = vec![5, 10, 46, 12];
        widths.extend(self.columns.iter().map(|_| 17));
        widths.push(18);
        let layout = Layout { name, head: (HEAD, HEAD + 1), left: LEFT, widths: &widths };
        let mut sheet = paper.sheet(&layout)?;
        let total = self.total();
        let window = self.window;
        let day = |day: chrono::NaiveDate| day.format("%d/%m/%Y").to_string();
        sheet.across(0, (0, 2), "ĐỀ ÁN HTX KIỂU MỚI (167/QĐ-TTg)", Look::Bold)?;
        sheet.across(0, (3, total), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", Look::Bold)?;
        sheet.across(1, (0, 2), &format!("Biểu mẫu: {}", self.form.version), Look::Words)?;
        sheet.across(1, (3, total), "Độc lập - Tự do - Hạnh phúc", Look::Bold)?;
        sheet.across(3, (0, total), title, Look::Title)?;
        sheet.height(3, 24)?;
        let words = format!("Kỳ báo cáo: {}", period_words(self.period));
        sheet.across(4, (0, total), &words, Look::Bold)?;
        let (from, to) = (day(window.from_date), day(window.to_date));
        let words = format!("Số liệu từ ngày {from} đến hết ngày {to} (Nghị định 09/2019/NĐ-CP)");
        sheet.across(5, (0, total), &words, Look::Words)?;
        for (column, words) in (0..).zip(["STT", "Mã", "Chỉ tiêu", "Đơn vị tính"]) {
            sheet.text(HEAD, column, words, Look::Head)?;
            sheet.text(HEAD + 1, column, "", Look::Head)?;
        }
        for (index, column) in (LEFT..).zip(&self.columns) {
            sheet.text(HEAD, index, &column.name, Look::Head)?;
            sheet.text(HEAD + 1, index, &column.code, Look::Code)?;
        }
        sheet.text(HEAD, total, "Tổng cộng", Look::Head)?;
        sheet.text(HEAD + 1, total, "", Look::Head)?;
        sheet.height(HEAD, 48)?;
        Ok(sheet)
    }
}

/// What heads a row: number, code, words and unit of measure.
fn row_head(sheet: &mut Sheet<'_>, row: u32, number: usize, words: [&str; 3]) -> Result<(), XlsxError> {
    let number = Quantity { units: i64::try_from(number).unwrap_or_default(), hundredths: false };
    sheet.number(row, 0, Some(number))?;
    let [code, label, unit] = words;
    sheet.text(row, 1, code, Look::Text)?;
    sheet.text(row, 2, label, Look::Text)?;
    sheet.text(row, 3, unit, Look::Code)
}

fn indicators(book: &Book, paper: &mut Paper, form: &[Indicator], ratios: &[Indicator]) -> Result<(), XlsxError> {
    let of = match book.level {
        ReportLevel::Province => "CÁC TỈNH, THÀNH PHỐ",
        ReportLevel::Locality => "CÁC ĐỊA PHƯƠNG",
        ReportLevel::LineDepartment => "CÁC SỞ, NGÀNH",
    };
    let mut sheet = book.open(paper, "Tổng hợp", &format!("TỔNG HỢP CHỈ TIÊU BÁO CÁO CỦA {of}"))?;
    for (index, indicator) in form.iter().enumerate() {
        let row = row_at(index);
        let label = book.form.label(*indicator).vi;
        row_head(&mut sheet, row, index + 1, [indicator.code(), &label, unit_words(indicator.unit())])?;
        for (column, of) in (LEFT..).zip(&book.columns) {
            let figure = of.figures.get(indicator);
            let estimated = figure.is_some_and(|figure| figure.status == FigureStatus::Estimated);
            let look = if estimated { Look::Estimate } else { Look::Number };
            sheet.figure(row, column, figure.and_then(|figure| figure.measure.value(*indicator)), look)?;
        }
        let whole = book.whole(*indicator).value(*indicator);
        let places = indicator.amount(0).hundredths || indicator.is_ratio();
        match indicator.over_units() {
            // A cooperative is in one province.
            Additivity::Distinct if book.level == ReportLevel::Province => {
                sheet.formula(row, book.total(), &book.total_of(row), (whole, places))?;
            }
            Additivity::Sum => sheet.formula(row, book.total(), &book.total_of(row), (whole, places))?,
            Additivity::Ratio => {
                let formula = ratio(book, *indicator, ratios);
                sheet.formula(row, book.total(), &formula, (whole, places))?;
            }
            Additivity::Distinct | Additivity::Latest | Additivity::NotAdded => {
                sheet.text(row, book.total(), "không cộng", Look::Code)?;
            }
        }
    }
    let row = row_at(form.len()).saturating_add(1);
    let total = book.total();
    sheet.across(row, (0, 2), "NGƯỜI LẬP BIỂU", Look::Bold)?;
    sheet.across(row, (3, total), "THỦ TRƯỞNG ĐƠN VỊ", Look::Bold)?;
    sheet.across(row + 1, (0, 2), "(Ký, ghi rõ họ tên)", Look::Words)?;
    sheet.across(row + 1, (3, total), "(Ký, đóng dấu, ghi rõ họ tên)", Look::Words)
}

/// A ratio of the whole: the sum of its numerators over the sum of its denominators, on their own sheet.
fn ratio(book: &Book, indicator: Indicator, ratios: &[Indicator]) -> String {
    let index = ratios.iter().position(|ratio| *ratio == indicator).unwrap_or_default().saturating_mul(2);
    let of = |index: usize| format!("'{RATIOS}'!{}", row_col_to_cell(row_at(index), book.total()));
    let (numerator, denominator) = (of(index), of(index + 1));
    let scale = if indicator.unit() == IndicatorUnit::Percent { "100*" } else { "" };
    format!("=IF(N({denominator})=0,\"\",ROUND({scale}{numerator}/{denominator},2))")
}

fn parts_of_ratios(book: &Book, paper: &mut Paper, ratios: &[Indicator]) -> Result<(), XlsxError> {
    let mut sheet = book.open(paper, RATIOS, "TỬ SỐ VÀ MẪU SỐ CỦA CÁC TỶ LỆ")?;
    for (index, indicator) in ratios.iter().enumerate() {
        let whole = IndicatorMeasure::of(*indicator, &book.whole(*indicator));
        for (nth, (words, total)) in [("tử số", whole.numerator), ("mẫu số", whole.denominator)].into_iter().enumerate()
        {
            let at = index.saturating_mul(2).saturating_add(nth);
            let row = row_at(at);
            let label = format!("{} – {words}", book.form.label(*indicator).vi);
            row_head(&mut sheet, row, at + 1, [indicator.code(), &label, words])?;
            for (column, of) in (LEFT..).zip(&book.columns) {
                let measure = of.figures.get(indicator).map(|figure| IndicatorMeasure::of(*indicator, &figure.measure));
                let number = |one: IndicatorMeasure| if nth == 0 { one.numerator } else { one.denominator };
                sheet.number(row, column, measure.and_then(number))?;
            }
            let places = nth == 0 && indicator.amount(0).hundredths;
            sheet.formula(row, book.total(), &book.total_of(row), (total, places))?;
        }
    }
    Ok(())
}

fn breakdowns(book: &Book, paper: &mut Paper, form: &[Indicator]) -> Result<(), XlsxError> {
    let mut sheet =
        book.open(paper, "Phân tổ", "CHI TIẾT THEO MÔ HÌNH, XẾP LOẠI, NỘI DUNG CHI, NGUỒN, TÍNH CHẤT, LOẠI HỖ TRỢ")?;
    let mut at = 0;
    for indicator in form.iter().filter(|indicator| indicator.breakdown_by().is_some()) {
        let whole = book.whole(*indicator);
        let of_rating = |key: &&String| RATINGS.iter().position(|rating| rating == key).unwrap_or(RATINGS.len());
        let mut keys: Vec<&String> = whole.parts.keys().collect();
        keys.sort_by_key(|key| (of_rating(key), (*key).clone()));
        for key in keys {
            let row = row_at(at);
            let label = format!("{} – {}", book.form.label(*indicator).vi, part_words(book, key));
            row_head(&mut sheet, row, at + 1, [indicator.code(), &label, unit_words(indicator.unit())])?;
            for (column, of) in (LEFT..).zip(&book.columns) {
                let part = of.figures.get(indicator).and_then(|figure| figure.measure.parts.get(key));
                sheet.number(row, column, part.map(|units| indicator.amount(*units)))?;
            }
            let total = whole.parts.get(key).map(|units| indicator.amount(*units));
            sheet.formula(row, book.total(), &book.total_of(row), (total, false))?;
            at += 1;
        }
    }
    for indicator in form {
        for by in indicator.further() {
            at = further_rows(book, &mut sheet, (*indicator, *by), at)?;
        }
    }
    Ok(())
}

/// The rows of a further breakdown, from a row on; gives the next one.
fn further_rows(
    book: &Book,
    sheet: &mut Sheet<'_>,
    (indicator, by): (Indicator, FurtherBy),
    from: usize,
) -> Result<usize, XlsxError> {
    let whole = book.whole(indicator);
    let mut at = from;
    for (key, units) in whole.further.get(&by).into_iter().flatten() {
        let row = row_at(at);
        let label = format!("{} – {}: {}", book.form.label(indicator).vi, further_words(by), part_words(book, key));
        row_head(sheet, row, at + 1, [indicator.code(), &label, unit_words(indicator.unit())])?;
        for (column, of) in (LEFT..).zip(&book.columns) {
            let parts = of.figures.get(&indicator).and_then(|figure| figure.measure.further.get(&by));
            let part = parts.and_then(|parts| parts.get(key));
            sheet.number(row, column, part.map(|units| indicator.amount(*units)))?;
        }
        sheet.formula(row, book.total(), &book.total_of(row), (Some(indicator.amount(*units)), false))?;
        at += 1;
    }
    Ok(at)
}

const fn further_words(by: FurtherBy) -> &'static str {
    match by {
        FurtherBy::Source => "nguồn",
        FurtherBy::Nature => "tính chất",
        FurtherBy::SupportKind => "loại hỗ trợ",
    }
}

/// Which figures are established, and which expected: the data of a year close before the year does.
fn statuses(book: &Book, paper: &mut Paper, form: &[Indicator]) -> Result<(), XlsxError> {
    let mut sheet = book.open(paper, "Tình trạng số liệu", "SỐ LIỆU CHÍNH THỨC VÀ ƯỚC THỰC HIỆN")?;
    let words = |status: FigureStatus| match status {
        FigureStatus::Estimated => "ước thực hiện",
        FigureStatus::Final => "chính thức",
    };
    for (index, indicator) in form.iter().enumerate() {
        let row = row_at(index);
        let label = book.form.label(*indicator).vi;
        row_head(&mut sheet, row, index + 1, [indicator.code(), &label, unit_words(indicator.unit())])?;
        for (column, of) in (LEFT..).zip(&book.columns) {
            let stated = of.figures.get(indicator).filter(|figure| figure.measure.value(*indicator).is_some());
            sheet.text(row, column, stated.map_or("", |figure| words(figure.status)), Look::Code)?;
        }
        let stated = book.figures(*indicator).filter(|figure| figure.measure.value(*indicator).is_some());
        let whole = stated.map(|figure| figure.status).reduce(|whole, status| match whole {
            FigureStatus::Estimated => whole,
            FigureStatus::Final => status,
        });
        sheet.text(row, book.total(), whole.map_or("", words), Look::Code)?;
    }
    Ok(())
}

fn sources(book: &Book, paper: &mut Paper) -> Result<(), XlsxError> {
    let heads = [
        "STT",
        "Mã đơn vị",
        "Đơn vị",
        "Số văn bản",
        "Ngày văn bản",
        "Người ký",
        "Lần sửa đổi",
        "Trạng thái",
        "Đúng hạn",
        "Mã băm nội dung (SHA-256)",
    ];
    let layout =
        Layout { name: "Báo cáo nguồn", head: (2, 2), left: 0, widths: &[5, 10, 30, 22, 13, 26, 10, 16, 16, 68] };
    let mut sheet = paper.sheet(&layout)?;
    let title = format!("BÁO CÁO NGUỒN – {}", period_words(book.period).to_uppercase());
    sheet.across(0, (0, 9), &title, Look::Title)?;
    for (column, words) in (0..).zip(heads) {
        sheet.text(2, column, words, Look::Head)?;
    }
    for (index, column) in book.columns.iter().enumerate() {
        source(&mut sheet, index, column)?;
    }
    let last = u32::try_from(book.columns.len()).unwrap_or_default().saturating_add(3);
    for (index, (code, name)) in (1..).zip(&book.missing) {
        let row = last.saturating_add(index);
        sheet.text(row, 1, code, Look::Code)?;
        sheet.text(row, 2, name, Look::Text)?;
        sheet.text(row, 3, "chưa gửi báo cáo", Look::Text)?;
    }
    Ok(())
}

fn source(sheet: &mut Sheet<'_>, index: usize, column: &Column) -> Result<(), XlsxError> {
    let row = u32::try_from(index).unwrap_or_default().saturating_add(3);
    let count = |number: usize| Quantity { units: i64::try_from(number).unwrap_or_default(), hundredths: false };
    let report = &column.report;
    let submission = report.progress.submission();
    let signed = submission.map(|submission| &submission.sign_off);
    sheet.number(row, 0, Some(count(index + 1)))?;
    sheet.text(row, 1, &column.code, Look::Code)?;
    sheet.text(row, 2, &column.name, Look::Text)?;
    sheet.text(row, 3, signed.map_or("", |signed| &signed.document_number), Look::Text)?;
    let day = signed.map(|signed| signed.document_date.format("%d/%m/%Y").to_string());
    sheet.text(row, 4, &day.unwrap_or_default(), Look::Code)?;
    sheet.text(row, 5, signed.map_or("", |signed| &signed.signatory), Look::Text)?;
    sheet.number(row, 6, Some(count(usize::from(report.revision))))?;
    let state = match report.progress.state() {
        ReportState::Draft => "dự thảo",
        ReportState::Submitted => "đã gửi",
        ReportState::Returned => "trả lại",
        ReportState::Accepted => "đã tiếp nhận",
    };
    sheet.text(row, 7, state, Look::Code)?;
    let timeliness = submission.map(|submission| match submission.timeliness {
        Timeliness::OnTime => "đúng hạn",
        Timeliness::Late => "quá hạn",
        Timeliness::NoDeadline => "chưa quy định",
    });
    sheet.text(row, 8, timeliness.unwrap_or_default(), Look::Code)?;
    sheet.text(row, 9, &report.content_hash, Look::Code)
}

/// A period in words.
fn period_words(period: Period) -> String {
    match period {
        Period::Year(year) => format!("năm {year}"),
        Period::FirstHalf(year) => format!("6 tháng đầu năm {year}"),
        Period::SecondHalf(year) => format!("6 tháng cuối năm {year}"),
        Period::Review(year) => format!("sơ kết, tổng kết Đề án năm {year}"),
    }
}

const fn unit_words(unit: IndicatorUnit) -> &'static str {
    match unit {
        IndicatorUnit::Cooperative => "HTX",
        IndicatorUnit::Criterion => "tiêu chí",
        IndicatorUnit::Person => "người",
        IndicatorUnit::Dong => "đồng",
        IndicatorUnit::Point => "điểm",
        IndicatorUnit::Percent => "%",
        IndicatorUnit::Attendance => "lượt người",
        IndicatorUnit::Inspection => "cuộc",
        IndicatorUnit::Case => "vụ việc",
    }
}

/// A part of a breakdown in words: a rating, else the name of the model or category.
fn part_words<'a>(book: &'a Book, key: &'a str) -> &'a str {
    match key {
        "good" => "Tốt",
        "fair" => "Khá",
        "average" => "Trung bình",
        "weak" => "Yếu",
        "not_rated" => "Không xếp loại",
        NOT_STATED => "Không nêu",
        other => book.names.get(other).map_or(other, String::as_str),
    }
}

//! The ministry's pull as files: comma-separated values, and a workbook read back cell by cell.

use std::io::Cursor;

use calamine::{Data, Range, Reader, Xlsx};
use sarus::domain::role::Role;
use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::given_reports::{figure, report_path, signed_off, value};
use crate::support::world::World;

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const PULL: &str = "/v1/periodic-reports?period=2023&level=province&authoritative=true";

/// A province's report with figures of its agency's own.
async fn given_report(lead: &Client, good: [&str; 2], profit: &str, number: &str) -> Value {
    let overrides = json!([
        {"indicator": "pilots_good_share", "numerator": good[0], "denominator": good[1], "reason": "r"},
        {"indicator": "profit_before_tax", "value": profit, "status": "final", "reason": "=1+1"},
        {"indicator": "pilots_by_rating", "breakdown": [{"key": "good", "value": good[0]}, {"key": "weak", "value": "2"}], "reason": "r"},
        {"indicator": "pilots_supported", "value": "3", "reason": "r"},
        {"indicator": "revenue", "value": "7", "status": if number == "12/BC" { "estimated" } else { "final" }, "reason": "r"},
    ]);
    let draft = lead.post("/v1/periodic-reports", &json!({"period": "2023", "overrides": overrides})).await.created();
    let mut document = signed_off("2023-12-20");
    document["documentNumber"] = json!(number);
    lead.step(&report_path(&draft), "submissions", &document).await.ok()
}

async fn given_two(world: &World) -> [Value; 2] {
    for province in ["01", "89", "92"] {
        world.given_plan(province).await;
    }
    [
        given_report(&world.someone(Role::LeadAgency, "01"), ["1", "1"], "9007199254740991", "12/BC").await,
        given_report(&world.someone(Role::LeadAgency, "89"), ["0", "3"], "-250", "=HYPERLINK(1)").await,
    ]
}

fn opened(bytes: &[u8]) -> Xlsx<Cursor<&[u8]>> {
    calamine::open_workbook_from_rs(Cursor::new(bytes)).unwrap()
}

fn text(range: &Range<Data>, row: u32, column: u32) -> String {
    match range.get_value((row, column)) {
        Some(Data::String(text)) => text.clone(),
        Some(Data::Empty) | None => String::new(),
        other => panic!("no text at {row},{column}: {other:?}"),
    }
}

fn number(range: &Range<Data>, row: u32, column: u32) -> f64 {
    match range.get_value((row, column)) {
        Some(Data::Float(number)) => *number,
        Some(Data::Int(number)) => *number as f64,
        other => panic!("no number at {row},{column}: {other:?}"),
    }
}

/// All texts of a sheet.
pub fn cells(bytes: &[u8], sheet: &str) -> Vec<String> {
    let range = opened(bytes).worksheet_range(sheet).unwrap();
    range.used_cells().map(|(_, _, cell)| cell.to_string()).collect()
}

/// The row of an indicator and a label.
fn row_of(range: &Range<Data>, code: &str, label: &str) -> u32 {
    (9..200).find(|row| text(range, *row, 1) == code && text(range, *row, 2).contains(label)).expect(code)
}

scenario! {
    async fn an_official_opens_the_workbook_of_all_provinces(world) {
        let reports = given_two(&world).await;
        let ministry = world.someone(Role::Ministry, "").with("accept", XLSX);
        let answer = ministry.get(PULL).await;
        assert_eq!((answer.status, answer.header("content-type").as_str()), (200, XLSX), "{}", answer.text);
        let mut book = opened(&answer.bytes);
        assert_eq!(book.sheet_names(), ["Tổng hợp", "Tử số - mẫu số", "Phân tổ", "Tình trạng số liệu", "Báo cáo nguồn"]);
        let main = book.worksheet_range("Tổng hợp").unwrap();
        let formulas = book.worksheet_formula("Tổng hợp").unwrap();
        assert_eq!(text(&main, 0, 3), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
        assert_eq!(text(&main, 1, 3), "Độc lập - Tự do - Hạnh phúc");
        assert_eq!(text(&main, 3, 0), "TỔNG HỢP CHỈ TIÊU BÁO CÁO CỦA CÁC TỈNH, THÀNH PHỐ");
        assert_eq!(text(&main, 4, 0), "Kỳ báo cáo: năm 2023");
        assert!(text(&main, 5, 0).contains("15/12/2022") && text(&main, 5, 0).contains("14/12/2023"));
        assert_eq!([0, 1, 2, 3, 6].map(|column| text(&main, 7, column)), ["STT", "Mã", "Chỉ tiêu", "Đơn vị tính", "Tổng cộng"]);
        // Codes are texts and keep their zeros.
        assert_eq!([4, 5].map(|column| (text(&main, 7, column), text(&main, 8, column))), [
            ("Thành phố Hà Nội".to_owned(), "01".to_owned()), ("Tỉnh An Giang".to_owned(), "89".to_owned()),
        ]);
        // Every row of the form, in its order, as the reports say it; and what stands under the total adds up.
        let ratios = book.worksheet_range("Tử số - mẫu số").unwrap();
        let form = world.someone(Role::Ministry, "").get("/v1/indicators").await.ok();
        let statuses = book.worksheet_range("Tình trạng số liệu").unwrap();
        let mut blank = Vec::new();
        for (index, indicator) in (0..).zip(form["items"].as_array().unwrap()) {
            let (row, code) = (9 + index, indicator["code"].as_str().unwrap());
            assert_eq!((number(&main, row, 0), text(&main, row, 1)), (f64::from(index + 1), code.to_owned()));
            assert_eq!(text(&main, row, 2), indicator["label"]["vi"].as_str().unwrap());
            let mut cells = Vec::new();
            for (column, report) in (4..).zip(&reports) {
                match value(report, code).as_str() {
                    "-" => assert!(matches!(main.get_value((row, column)), None | Some(Data::Empty)), "{code}"),
                    said => {
                        assert_eq!(number(&main, row, column).to_string(), said.parse::<f64>().unwrap().to_string(), "{code}");
                        cells.push(number(&main, row, column));
                    }
                }
            }
            let formula = formulas.get_value((row, 6)).cloned().unwrap_or_default();
            match indicator["overUnits"].as_str().unwrap() {
                // What is counted once in each province is counted once in all.
                "sum" | "distinct" => {
                    let all = format!("E{}:F{}", row + 1, row + 1);
                    assert_eq!(formula, format!("IF(COUNT({all})=0,\"\",SUM({all}))"));
                    if cells.is_empty() {
                        // As in the aggregate: nobody stated it, so it is not zero.
                        blank.push(code);
                        assert_eq!(text(&main, row, 6), "", "{code}");
                    } else {
                        assert_eq!(number(&main, row, 6), cells.iter().sum::<f64>(), "{code}");
                    }
                }
                "ratio" => {
                    let head = row_of(&ratios, code, "tử số");
                    assert!(formula.contains(&format!("'Tử số - mẫu số'!G{}/'Tử số - mẫu số'!G{}", head + 1, head + 2)), "{formula}");
                }
                other => panic!("{other}"),
            }
            // Each figure is said to be established or expected.
            for (column, report) in (4..).zip(&reports) {
                let said = match (value(report, code).as_str(), figure(report, code)["status"].as_str()) {
                    ("-", _) => "",
                    (_, Some("estimated")) => "ước thực hiện",
                    _ => "chính thức",
                };
                assert_eq!(text(&statuses, row, column), said, "{code}");
            }
        }
        assert!(blank.contains(&"training_attendances"), "{blank:?}");
        let aggregate = world.someone(Role::Ministry, "").get("/v1/aggregates?period=2023").await.ok();
        assert!(blank.iter().all(|code| value(&aggregate, code) == "-"), "{blank:?}");
        let revenue = row_of(&statuses, "profit_before_tax", "");
        assert_eq!([4, 5, 6].map(|column| text(&statuses, revenue, column)), ["chính thức"; 3].map(str::to_owned));
        let whole = row_of(&statuses, "revenue", "");
        assert_eq!(text(&statuses, whole, 6), "ước thực hiện", "one part is an estimate");
        let share = row_of(&main, "pilots_good_share", "");
        assert_eq!([4, 5, 6].map(|column| number(&main, share, column)), [100.0, 0.0, 25.0], "1 ÷ 4, not the mean");
        let (good, all) = (row_of(&ratios, "pilots_good_share", "tử số"), row_of(&ratios, "pilots_good_share", "mẫu số"));
        assert_eq!([4, 5, 6].map(|column| number(&ratios, good, column)), [1.0, 0.0, 1.0]);
        assert_eq!([4, 5, 6].map(|column| number(&ratios, all, column)), [1.0, 3.0, 4.0]);
        let profit = row_of(&main, "profit_before_tax", "");
        assert_eq!([4, 5, 6].map(|column| number(&main, profit, column)), [9_007_199_254_740_991.0, -250.0, 9_007_199_254_740_741.0]);

        let parts = book.worksheet_range("Phân tổ").unwrap();
        let weak = row_of(&parts, "pilots_by_rating", "– Yếu");
        assert_eq!([4, 5, 6].map(|column| number(&parts, weak, column)), [2.0, 2.0, 4.0]);
        assert!(row_of(&parts, "pilots_by_rating", "– Tốt") < weak, "best first");
        let sources = book.worksheet_range("Báo cáo nguồn").unwrap();
        assert_eq!((text(&sources, 3, 1), text(&sources, 3, 3), text(&sources, 3, 4)), ("01".into(), "12/BC".into(), "20/12/2023".into()));
        // A text that begins like a formula stays a text.
        assert_eq!((text(&sources, 4, 3), number(&sources, 4, 6)), ("=HYPERLINK(1)".to_owned(), 1.0));
        assert!(book.worksheet_formula("Báo cáo nguồn").unwrap().get_value((4, 3)).is_none_or(String::is_empty));
        assert_eq!(text(&sources, 4, 9), reports[1]["contentHash"].as_str().unwrap());
        assert_eq!((text(&sources, 6, 1), text(&sources, 6, 3)), ("92".into(), "chưa gửi báo cáo".into()));

        // Printed on A4, the head on every page.
        let part = |name: &str| {
            let mut archive = zip::ZipArchive::new(Cursor::new(answer.bytes.as_slice())).unwrap();
            std::io::read_to_string(archive.by_name(name).unwrap()).unwrap()
        };
        let sheet = part("xl/worksheets/sheet1.xml");
        assert!(sheet.contains("<pageSetup paperSize=\"9\"") && sheet.contains("orientation=\"landscape\""), "{sheet}");
        assert!(sheet.contains("Trang &amp;P/&amp;N"));
        assert!(part("xl/workbook.xml").contains("'Tổng hợp'!$A:$D,'Tổng hợp'!$8:$9"));

        let etag = answer.header("etag");
        assert_eq!(ministry.with("if-none-match", &etag).get(PULL).await.status, 304);
        world.someone(Role::Ministry, "").step(&report_path(&reports[0]), "acceptances", &json!({})).await.ok();
        assert_eq!(ministry.with("if-none-match", &etag).get(PULL).await.status, 200);
    }
}

scenario! {
    /// A workbook adds up, so it is made only of reports that may be added.
    async fn a_workbook_counts_nothing_twice(world) {
        world.given_plan("89").await;
        let ministry = world.someone(Role::Ministry, "").with("accept", XLSX);
        for (query, faults) in [
            ("", vec!["#authoritative required", "#level required", "#period required"]),
            ("?period=2023&level=line_department&authoritative=true", vec!["#level required"]),
            ("?period=2023&level=province", vec!["#authoritative required"]),
        ] {
            let answer = ministry.get(&format!("/v1/periodic-reports{query}")).await;
            answer.refused(400, "invalid_query");
            assert_eq!(answer.faults(), faults, "{query}");
        }
        // Without any report it still opens, and says who is missing.
        let answer = ministry.get(PULL).await;
        let mut empty = opened(&answer.bytes);
        assert_eq!(text(&empty.worksheet_range("Báo cáo nguồn").unwrap(), 4, 1), "89");
    }
}

scenario! {
    async fn the_same_as_comma_separated_values(world) {
        let reports = given_two(&world).await;
        let ministry = world.someone(Role::Ministry, "").with("accept", "text/csv");
        let answer = ministry.get(PULL).await;
        assert_eq!((answer.status, answer.header("content-type").as_str()), (200, "text/csv; charset=utf-8"));
        let marked = ministry.get(&format!("{PULL}&bom=true")).await.bytes;
        assert_eq!(marked.as_slice(), ["\u{feff}".as_bytes(), &answer.bytes].concat());
        let mut reader = csv::Reader::from_reader(answer.bytes.as_slice());
        let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        let cell = |row: &[String], name: &str| row[heads.iter().position(|head| head == name).unwrap()].clone();
        for report in &reports {
            for figure in report["indicators"].as_array().unwrap() {
                let code = figure["code"].as_str().unwrap();
                let of = |part: &str| {
                    let mut found = rows.iter().filter(|row| {
                        cell(row, "report") == report["id"] && cell(row, "indicator") == code && cell(row, "part") == part
                    });
                    let row = found.next().expect(code).clone();
                    assert!(found.next().is_none(), "{code} {part} stands once");
                    row
                };
                assert_eq!(cell(&of(""), "value"), figure["value"].as_str().unwrap_or_default(), "{code}");
                assert_eq!(cell(&of(""), "province"), report["province"], "{code}");
                for part in figure["breakdown"].as_array().into_iter().flatten() {
                    assert_eq!(cell(&of(part["key"].as_str().unwrap()), "value"), part["value"], "{code}");
                }
            }
        }
        let profit = rows.iter().find(|row| cell(row, "indicator") == "profit_before_tax").unwrap();
        assert_eq!(cell(profit, "overrideReason"), "'=1+1", "no cell is a formula");
        let loss = rows.iter().rfind(|row| cell(row, "indicator") == "profit_before_tax").unwrap();
        assert_eq!((cell(loss, "value"), cell(loss, "documentNumber")), ("-250".to_owned(), "'=HYPERLINK(1)".to_owned()));
        let none = ministry.get("/v1/periodic-reports?period=2021").await;
        assert_eq!(none.text.lines().count(), 1, "only the head");
    }
}

scenario! {
    /// What a locality's annual report on collective economy takes over (2129/QĐ-UBND VII.9): figures with their words.
    async fn an_extract_goes_into_the_report_on_collective_economy(world) {
        world.given_plan("89").await;
        let locality = world.someone(Role::Locality, "888");
        let narrative = json!([{"code": "results", "text": "Kết quả (dữ liệu mẫu)."}]);
        let draft = locality.post("/v1/periodic-reports", &json!({"period": "2023", "narrative": narrative})).await.created();
        let path = format!("{}/collective-economy-extract", report_path(&draft));
        world.someone(Role::LeadAgency, "89").get(&path).await.refused(404, "not_found");
        let sent = locality.step(&report_path(&draft), "submissions", &signed_off("2023-12-20")).await.ok();
        let extract = world.someone(Role::LeadAgency, "89").get(&path).await.ok();
        assert_eq!((&extract["contentHash"], &extract["report"]), (&sent["contentHash"], &sent["id"]));
        assert_eq!((&extract["documentNumber"], &extract["narrative"]), (&json!("12/BC-UBND"), &narrative));
        assert!(extract["agencyName"].as_str().unwrap().contains("Phú Tân"));
        let lines = extract["lines"].as_array().unwrap();
        let with_value = sent["indicators"].as_array().unwrap().iter().filter(|figure| figure["value"].is_string());
        let said = |items: Vec<&Value>| items.iter().map(|one| (one["code"].clone(), one["value"].clone())).collect::<Vec<_>>();
        assert_eq!(said(lines.iter().collect()), said(with_value.collect()));
        assert_eq!(lines[0]["label"]["vi"], "Số HTX thí điểm đang thực hiện Đề án (theo mô hình)");
        world.someone(Role::Locality, "883").get(&path).await.refused(404, "not_found");
    }
}

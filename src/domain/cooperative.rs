//! The cooperative (*hợp tác xã*): registration facts kept by the locality, yearly figures declared by the cooperative
//! with verified ones beside them, and interruptions of its operation.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::moment::Moment;
use super::money::{Money, SignedMoney};
use super::refusal::{Fault, Refusal, Rule};
use super::role::names;

pub mod figure;
pub mod shown;

names! {
    /// What kind of organisation it is.
    CooperativeKind {
        /// *Hợp tác xã*.
        Cooperative = "cooperative",
        /// *Liên hiệp hợp tác xã*.
        Union = "union",
    }
}

names! {
    /// Field of activity, as the scheme divides its models (Plan IV).
    Field {
        /// *Lĩnh vực nông nghiệp*.
        Agriculture = "agriculture",
        /// *Lĩnh vực phi nông nghiệp*.
        NonAgriculture = "non_agriculture",
    }
}

names! {
    /// The law that the cooperative is organised under.
    GoverningLaw {
        /// Law on Cooperatives of 2003.
        Law2003 = "law_2003",
        /// Law on Cooperatives of 2012 (*Luật Hợp tác xã năm 2012*), which the scheme requires.
        Law2012 = "law_2012",
        /// Law on Cooperatives of 2023.
        Law2023 = "law_2023",
    }
}

names! {
    /// Whether it still exists.
    CooperativeStatus {
        /// Operating.
        Active = "active",
        /// Stopped for a time.
        Suspended = "suspended",
        /// Dissolved or struck off the register.
        Dissolved = "dissolved",
    }
}

/// Registration facts of a cooperative, as the registration authority records them.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewCooperative)]
pub struct Registration {
    /// Tax code: ten digits, or thirteen for a branch. A wrong check digit warns and does not refuse.
    #[schema(min_length = 10, max_length = 14, pattern = r"^[0-9]{10}(-[0-9]{3})?$", example = "0100233488")]
    pub tax_code: String,
    /// Number of the registration certificate, where it differs: old cooperatives may hold both.
    #[schema(min_length = 1, max_length = 30, pattern = r"\S", example = "510709000012")]
    pub registration_number: Option<String>,
    /// Name.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "HTX Nông nghiệp Phú Thạnh (dữ liệu mẫu)")]
    pub name: String,
    /// Cooperative or union.
    pub kind: CooperativeKind,
    /// Field of activity.
    pub field: Field,
    /// VSIC code of the main activity (Decision 27/2018/QĐ-TTg).
    #[schema(min_length = 1, max_length = 5, pattern = "^[A-U]?[0-9]{0,5}$", example = "0161")]
    pub industry_code: Option<String>,
    /// The law it is organised under; the scheme requires the Law of 2012.
    pub governing_law: GoverningLaw,
    /// Code of the district or commune of its seat.
    #[schema(min_length = 3, max_length = 5, pattern = "^[0-9]{3,5}$", example = "888")]
    pub unit: String,
    /// Day of foundation; not in the future.
    pub founded_on: NaiveDate,
    /// Legal representative.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Nguyễn Văn A (dữ liệu mẫu)")]
    pub legal_representative: Option<String>,
    /// Whether it still exists.
    pub status: CooperativeStatus,
    /// Seat.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "Xã Phú Thạnh, huyện Phú Tân")]
    pub address: Option<String>,
    /// Telephone.
    #[schema(min_length = 3, max_length = 30, pattern = r"^[0-9+ ().-]+$", example = "0296 3800 000")]
    pub phone: Option<String>,
    /// E-mail.
    #[schema(
        format = "email",
        min_length = 3,
        max_length = 200,
        pattern = "^[^@ ]+@[^@ ]+$",
        example = "htx@sarus.example"
    )]
    pub email: Option<String>,
}

impl Registration {
    /// Checks what the schema cannot: the day of foundation is not in the future, the letter of the trade is that of its
    /// division.
    ///
    /// # Errors
    /// Every fault, with its place.
    pub fn check(&self, now: Moment) -> Result<(), Refusal> {
        let faults = [now.not_in_future(self.founded_on, "/foundedOn"), self.trade_is_one()];
        Refusal::of_all(faults.into_iter().filter_map(Result::err).collect())
    }

    /// A VSIC code that names its section has a division of that section (27/2018/QĐ-TTg, Phụ lục I).
    fn trade_is_one(&self) -> Result<(), Refusal> {
        let stated = self.industry_code.as_deref().unwrap_or_default();
        let letter = stated.chars().next().filter(char::is_ascii_uppercase);
        let division = stated.get(1..3).and_then(|digits| digits.parse::<u8>().ok());
        let (Some(letter), Some(division)) = (letter, division) else { return Ok(()) };
        if section_of(division) == Some(letter) {
            return Ok(());
        }
        let section = section_of(division).map_or_else(|| "–".to_owned(), String::from);
        Err(Refusal::at(
            Rule::Contradiction,
            "/industryCode",
            format!("Mã ngành {stated}: hai chữ số đầu {division:02} thuộc phần “{section}”, không phải “{letter}”."),
            format!("The trade {stated}: division {division:02} is of section “{section}”, not “{letter}”."),
        )
        .given(&[("stated", &stated), ("against", &section), ("division", &format!("{division:02}"))])
        .under("27/2018/QĐ-TTg"))
    }
}

/// The section (*ngành cấp 1*) that a division (*ngành cấp 2*) of VSIC stands in.
fn section_of(division: u8) -> Option<char> {
    const LAST: [(u8, u8, char); 21] = [
        (1, 3, 'A'),
        (5, 9, 'B'),
        (10, 33, 'C'),
        (35, 35, 'D'),
        (36, 39, 'E'),
        (41, 43, 'F'),
        (45, 47, 'G'),
        (49, 53, 'H'),
        (55, 56, 'I'),
        (58, 63, 'J'),
        (64, 66, 'K'),
        (68, 68, 'L'),
        (69, 75, 'M'),
        (77, 82, 'N'),
        (84, 84, 'O'),
        (85, 85, 'P'),
        (86, 88, 'Q'),
        (90, 93, 'R'),
        (94, 96, 'S'),
        (97, 98, 'T'),
        (99, 99, 'U'),
    ];
    LAST.into_iter().find(|(first, last, _)| (*first..=*last).contains(&division)).map(|(.., section)| section)
}

/// A registered cooperative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cooperative {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// Code of the province of its unit.
    pub province: String,
    /// Registration facts.
    pub registration: Registration,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Who recorded it.
    pub created_by: String,
}

/// The check digit of a tax code, by open-source practice: 10 − (Σ wᵢ·dᵢ mod 11). It warns and never refuses, since no
/// legal text was found that states it.
pub fn tax_code_check_digit_holds(tax_code: &str) -> bool {
    const WEIGHTS: [u32; 9] = [31, 29, 23, 19, 17, 13, 7, 5, 3];
    let digits: Vec<u32> = tax_code.chars().take(10).filter_map(|digit| digit.to_digit(10)).collect();
    let [stem @ .., check] = digits.as_slice() else { return false };
    stem.len() == 9 && 10 - stem.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 == *check
}

names! {
    /// Who stands behind figures.
    FiguresBasis {
        /// Declared by the cooperative.
        Declared = "declared",
        /// Verified by the registration authority.
        Verified = "verified",
    }
}

names! {
    /// Whether a figure of a year is closed.
    FiguresStatus {
        /// The year is still running (*ước thực hiện*).
        Estimated = "estimated",
        /// The year is closed.
        Final = "final",
    }
}

/// The figures of one year. What is absent is not stated.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Figures {
    /// Whether the year is closed.
    pub status: FiguresStatus,
    /// Members at the end of the year.
    #[schema(minimum = 0, maximum = 1_000_000, example = 246)]
    pub members: Option<i64>,
    /// Of them, official members (*thành viên chính thức*, Law of 2023); not stated where all members are.
    #[schema(minimum = 0, maximum = 1_000_000, example = 230)]
    pub members_official: Option<i64>,
    /// Of them, women.
    #[schema(minimum = 0, maximum = 1_000_000, example = 98)]
    pub members_women: Option<i64>,
    /// Of them, of an ethnic minority.
    #[schema(minimum = 0, maximum = 1_000_000, example = 12)]
    pub members_ethnic_minority: Option<i64>,
    /// Regular workers.
    #[schema(minimum = 0, maximum = 1_000_000, example = 35)]
    pub workers_regular: Option<i64>,
    /// Managers.
    #[schema(minimum = 0, maximum = 100_000, example = 5)]
    pub managers: Option<i64>,
    /// Of them, with a university or college degree.
    #[schema(minimum = 0, maximum = 100_000, example = 3)]
    pub managers_with_degree: Option<i64>,
    /// Of them, with elementary or intermediate training (*sơ cấp, trung cấp*).
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub managers_trained: Option<i64>,
    /// Of them, young, as the form of the criteria set counts it.
    #[schema(minimum = 0, maximum = 100_000, example = 2)]
    pub managers_young: Option<i64>,
    /// Total capital at the end of the year.
    pub total_capital: Option<Money>,
    /// Indivisible assets at the end of the year.
    pub indivisible_assets: Option<Money>,
    /// Revenue of the year.
    pub revenue: Option<Money>,
    /// Of it, from products and services supplied to members.
    pub supplied_to_members: Option<Money>,
    /// Profit before tax; negative for a loss.
    pub profit_before_tax: Option<SignedMoney>,
    /// Income after tax, from which funds are set aside; negative for a loss.
    pub income_after_tax: Option<SignedMoney>,
    /// Set aside for the development investment fund.
    pub development_fund: Option<Money>,
    /// Set aside for the reserve fund.
    pub reserve_fund: Option<Money>,
    /// Set aside for other funds.
    pub other_funds: Option<Money>,
    /// Linked with enterprises in a value chain in the year.
    pub value_chain: Option<bool>,
    /// Audited independently in the year.
    pub independent_audit: Option<bool>,
    /// What it supplies its members with.
    pub member_supply: Option<MemberSupply>,
}

names! {
    /// What a cooperative supplies its members with (01/2020/TT-BKHĐT, Điều 3).
    MemberSupply {
        /// Input and output services for the members' own production (*phục vụ sản xuất*).
        Production = "production",
        /// Products and services that members consume (*phục vụ tiêu dùng*).
        Consumption = "consumption",
        /// Work (*tạo việc làm*).
        Employment = "employment",
        /// Two or more of these (*hỗn hợp*).
        Mixed = "mixed",
    }
}

/// The form of the yearly figures.
const FORM: &str = "01/2020/TT-BKHĐT, Phụ lục 2";

impl Figures {
    /// Refuses figures of a year in which the cooperative did not exist yet.
    ///
    /// # Errors
    /// [`Rule::Contradiction`].
    pub fn check_founded(year: u16, founded_on: NaiveDate) -> Result<(), Refusal> {
        if i32::from(year) >= founded_on.year() {
            return Ok(());
        }
        let vi = format!("HTX thành lập ngày {founded_on}: năm {year} chưa có số liệu.");
        let en = format!("The cooperative was founded on {founded_on}: there are no figures of {year}.");
        Err(Refusal::at(Rule::Contradiction, "#year", vi, en).given(&[("stated", &year), ("against", &founded_on)]))
    }

    /// Checks what the schema cannot: a part is not more than its whole.
    ///
    /// # Errors
    /// Every fault, with its place.
    pub fn check(&self, year: u16, now: Moment) -> Result<(), Refusal> {
        let current = now.today().year();
        let future = (i32::from(year) > current).then(|| {
            let vi = format!("Năm {year} chưa đến: chỉ có số liệu ước thực hiện của năm {current}.");
            let en = format!("The year {year} has not come: estimates are of {current}.");
            Refusal::at(Rule::DateInFuture, "#year", vi, en).given(&[("date", &year), ("today", &current)])
        });
        let parts = [
            ("/membersOfficial", self.members_official, self.members),
            ("/membersWomen", self.members_women, self.members),
            ("/membersEthnicMinority", self.members_ethnic_minority, self.members),
            ("/managersWithDegree", self.managers_with_degree, self.managers),
            ("/managersTrained", self.managers_trained, self.managers),
            ("/managersYoung", self.managers_young, self.managers),
            ("/suppliedToMembers", self.supplied_to_members.map(Money::as_dong), self.revenue.map(Money::as_dong)),
        ];
        let mut faults: Vec<Fault> = parts
            .into_iter()
            .filter_map(|(pointer, part, whole)| Some((pointer, part?, whole?)))
            .filter(|(_, part, whole)| part > whole)
            .map(|(pointer, part, whole)| {
                let vi = format!("{part} lớn hơn tổng số {whole}.");
                Fault::at(pointer, Rule::Contradiction.code(), vi, format!("{part} is more than the total of {whole}."))
                    .given(&[("stated", &part), ("against", &whole)])
                    .under(FORM)
            })
            .collect();
        let closes = NaiveDate::from_ymd_opt(i32::from(year), 12, 31).unwrap_or(NaiveDate::MAX);
        if self.status == FiguresStatus::Final && closes >= now.today() {
            let vi = format!("Năm {year} chưa kết thúc: số liệu chỉ là ước thực hiện.");
            let en = format!("The year {year} has not ended: its figures can only be estimated.");
            faults.push(
                Fault::at("/status", Rule::Contradiction.code(), vi, en)
                    .given(&[("stated", &year), ("against", &"final")]),
            );
        }
        let contradict = (!faults.is_empty()).then(|| {
            let (vi, en) = ("Số liệu năm mâu thuẫn với nhau.", "The figures of the year contradict each other.");
            Refusal::new(Rule::Contradiction, vi, en).given(&[("year", &year)]).with_faults(faults)
        });
        Refusal::of_all(future.into_iter().chain(contradict).collect())
    }
}

/// Figures as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnualFigures {
    /// The cooperative.
    pub cooperative: Uuid,
    /// The financial year.
    pub year: u16,
    /// Who stands behind them.
    pub basis: FiguresBasis,
    /// Version, counted from 1.
    pub version: i32,
    /// The figures.
    pub figures: Figures,
    /// Who recorded them last.
    pub recorded_by: String,
    /// When they were last recorded.
    pub updated_at: DateTime<Utc>,
}

/// The two sides of a year: the declared figures are never overwritten by the verified ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct YearSides {
    /// What the cooperative declared.
    pub declared: Option<AnnualFigures>,
    /// What the registration authority verified.
    pub verified: Option<AnnualFigures>,
}

impl YearSides {
    /// The side that counts for the scheme: verified over declared.
    pub fn counting(&self) -> Option<&AnnualFigures> {
        self.verified.as_ref().or(self.declared.as_ref())
    }
}

/// A time in which the cooperative did not operate, both days included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interruption {
    /// Identifier.
    pub id: Uuid,
    /// First day without operation.
    pub from_date: NaiveDate,
    /// Last day without operation; absent while it lasts.
    pub to_date: Option<NaiveDate>,
    /// Why, as stated.
    pub reason: Option<String>,
}

impl Interruption {
    /// Checks the order of the days and that none lies in the future; with the day of foundation, where that is known, that it
    /// lies after it.
    ///
    /// # Errors
    /// Every fault, with its place.
    pub fn check(&self, founded_on: Option<NaiveDate>, now: Moment) -> Result<(), Refusal> {
        let Self { from_date, to_date, .. } = self;
        let ends_first = to_date.filter(|end| end < from_date).map(|end| {
            let vi = format!("Thời gian ngừng kết thúc ngày {end}, trước khi bắt đầu ngày {from_date}.");
            let en = format!("The interruption ends on {end}, before it begins on {from_date}.");
            Refusal::at(Rule::Contradiction, "/toDate", vi, en).given(&[("stated", &end), ("against", from_date)])
        });
        let unfounded = founded_on.filter(|founded_on| from_date < founded_on).map(|founded_on| {
            let vi = format!("HTX thành lập ngày {founded_on}: không thể ngừng hoạt động từ ngày {from_date}.");
            let en = format!("The cooperative was founded on {founded_on}: it did not stop on {from_date}.");
            Refusal::at(Rule::Contradiction, "/fromDate", vi, en)
                .given(&[("stated", from_date), ("against", &founded_on)])
        });
        let begun = now.not_in_future(*from_date, "/fromDate").err();
        let ended = to_date.and_then(|end| now.not_in_future(end, "/toDate").err());
        Refusal::of_all([begun, ended, ends_first, unfounded].into_iter().flatten().collect())
    }
}

/// Refuses a day of foundation that lies after what is recorded: figures of earlier years, interruptions that began before.
///
/// # Errors
/// [`Rule::Contradiction`], with the years and days.
pub fn founded_before(founded_on: NaiveDate, years: &[u16], stops: &[Interruption]) -> Result<(), Refusal> {
    let years = years.iter().filter(|year| i32::from(**year) < founded_on.year()).map(u16::to_string);
    let stops = stops.iter().map(|stop| stop.from_date).filter(|day| *day < founded_on).map(|day| day.to_string());
    let (years, stops): (Vec<_>, Vec<_>) = (years.collect(), stops.collect());
    if years.is_empty() && stops.is_empty() {
        return Ok(());
    }
    let said = |figures: &str, stopped: &str| {
        let parts = [(figures, years.join(", ")), (stopped, stops.join(", "))];
        let parts = parts.into_iter().filter(|(_, which)| !which.is_empty());
        parts.map(|(what, which)| format!("{what} {which}")).collect::<Vec<_>>().join("; ")
    };
    let against = years.iter().chain(&stops).cloned().collect::<Vec<_>>().join(", ");
    let vi =
        format!("Ngày thành lập {founded_on} sau những gì đã ghi nhận: {}.", said("số liệu năm", "ngừng hoạt động từ"));
    let en = format!(
        "The foundation on {founded_on} lies after what is recorded: {}.",
        said("figures of", "interruptions from")
    );
    Err(Refusal::at(Rule::Contradiction, "/foundedOn", vi, en).given(&[("stated", &founded_on), ("against", &against)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_known_tax_codes() {
        assert!(tax_code_check_digit_holds("0100233488"));
        assert!(tax_code_check_digit_holds("0314409058-002"));
        assert!(!tax_code_check_digit_holds("0100233480"));
    }

    #[test]
    fn a_division_stands_in_its_section() {
        for (division, section) in
            [(1, Some('A')), (49, Some('H')), (33, Some('C')), (4, None), (99, Some('U')), (34, None)]
        {
            assert_eq!(section_of(division), section, "{division}");
        }
    }

    #[test]
    fn there_are_no_figures_of_a_year_before_the_foundation() {
        let founded = "2019-06-01".parse().unwrap();
        assert_eq!(Figures::check_founded(2018, founded).unwrap_err().rule, Rule::Contradiction);
        assert_eq!(Figures::check_founded(2019, founded), Ok(()));
    }

    #[test]
    fn the_foundation_lies_before_what_is_recorded() {
        let stop = |from: &str| {
            let (id, from_date) = (Uuid::nil(), from.parse().unwrap());
            Interruption { id, from_date, to_date: None, reason: None }
        };
        let stops = [stop("2019-05-31"), stop("2019-06-01")];
        let founded = "2019-06-01".parse().unwrap();
        assert_eq!(founded_before(founded, &[2019, 2020], &stops[1..]), Ok(()));
        let refused = founded_before(founded, &[2017, 2018, 2019], &stops).unwrap_err();
        assert_eq!(refused.inputs.value("against"), Some("2017, 2018, 2019-05-31"));
        assert_eq!(refused.faults[0].pointer, "/foundedOn");
    }

    #[test]
    fn every_fault_of_an_interruption_is_told() {
        let now = Moment("2022-03-01T00:00:00Z".parse().unwrap());
        let day = |text: &str| text.parse().unwrap();
        let of = |from: &str, to: Option<&str>| {
            let stop = Interruption { id: Uuid::nil(), from_date: day(from), to_date: to.map(day), reason: None };
            let refused = stop.check(Some(day("2019-06-01")), now).err();
            refused.map(|refused| refused.faults.iter().map(|fault| fault.pointer.clone()).collect::<Vec<_>>())
        };
        assert_eq!(of("2019-06-01", Some("2022-03-01")), None);
        assert_eq!(of("2018-01-01", Some("2017-01-01")), Some(vec!["/toDate".to_owned(), "/fromDate".to_owned()]));
        assert_eq!(of("2022-04-01", Some("2022-03-30")).unwrap().len(), 3);
    }

    #[test]
    fn a_part_is_not_more_than_its_whole_and_every_such_fault_is_named() {
        let figures: Figures = serde_json::from_value(serde_json::json!({
            "status": "final", "members": 10, "membersWomen": 11, "managers": 1, "managersWithDegree": 2,
            "managersYoung": 2, "revenue": "5", "suppliedToMembers": "6", "membersOfficial": 10
        }))
        .unwrap();
        let now = Moment("2022-03-01T00:00:00Z".parse().unwrap());
        let faults = figures.check(2021, now).unwrap_err().faults;
        let pointers: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/membersWomen", "/managersWithDegree", "/managersYoung", "/suppliedToMembers"]);
        assert_eq!(figures.check(2022, now).unwrap_err().faults.len(), 5);
        let ahead = figures.check(2023, now).unwrap_err();
        assert_eq!(
            (ahead.rule, ahead.faults.len(), ahead.faults[0].pointer.as_str()),
            (Rule::DateInFuture, 6, "#year")
        );
    }
}

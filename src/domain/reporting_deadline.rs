//! When reports are due: yearly rules of a regime, by level and kind of period, each in force from a day; and the
//! exceptions that a receiver grants a reporter for one period.
//!
//! Decree 09/2019/NĐ-CP closes the data; it leaves the day of the report to each regime, at least one working day
//! later. The scheme's own days are not public: nothing ships, rules are loaded. A rule names a day; when the report is due is
//! computed from it and the days off that are known: see [`ReportingDeadline::due`].
//!
//! Several regimes may ask for the same report at once, each by its own day: the report is in time when it is in time under
//! all of them, and taken in until all have locked it. They agree on the data window, since a report has one.

mod exception;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;
use uuid::Uuid;

use super::deadline::Deadline;
use super::holiday::{Holidays, LoadedDays};
use super::moment::Moment;
use super::obligation::{Lock, ReportDue};
use super::period::{DataWindow, Period, PeriodKind};
use super::refusal::{Refusal, Rule};
use super::report::ReportLevel;
use super::role::{Caller, names};
use super::writers::Writers;
pub use exception::{ExceptionTerms, ReportingException};

names! {
    /// Where a deadline of reports is in its life.
    ReportingDeadlineState {
        /// Loaded, and binding nobody.
        Draft = "draft",
        /// In force on its days.
        Active = "active",
    }
}

/// A day of every year, counted from the year of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DayOfYear {
    /// Years after that of the period: 0 is the same year.
    #[schema(minimum = 0, maximum = 2, example = 0)]
    pub years_after: u8,
    /// Month.
    #[schema(minimum = 1, maximum = 12, example = 12)]
    pub month: u8,
    /// Day of the month; it must exist in every year, so not 29 February.
    #[schema(minimum = 1, maximum = 31, example = 20)]
    pub day: u8,
}

impl DayOfYear {
    /// The day for a period of a year.
    pub fn for_year(self, year: u16) -> Option<NaiveDate> {
        let year = i32::from(year).saturating_add(i32::from(self.years_after));
        NaiveDate::from_ymd_opt(year, u32::from(self.month), u32::from(self.day))
    }
}

/// The first day of a data window, counted from the year of the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WindowStart {
    /// Years before that of the period: 0 is the same year.
    #[schema(minimum = 0, maximum = 10, example = 2)]
    pub years_before: u8,
    /// Month.
    #[schema(minimum = 1, maximum = 12, example = 2)]
    pub month: u8,
    /// Day of the month; it must exist in every year, so not 29 February.
    #[schema(minimum = 1, maximum = 31, example = 3)]
    pub day: u8,
}

impl WindowStart {
    fn for_year(self, year: u16) -> Option<NaiveDate> {
        let year = i32::from(year).saturating_sub(i32::from(self.years_before));
        NaiveDate::from_ymd_opt(year, u32::from(self.month), u32::from(self.day))
    }
}

/// The data window that a rule sets: the first and the last day whose facts count, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WindowTerms {
    /// The first day.
    pub from: WindowStart,
    /// The last day: the data close with it.
    pub to: DayOfYear,
}

/// What a deadline says.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = NewReportingDeadline)]
pub struct DeadlineTerms {
    /// The regime that sets it, in words: the scheme, a circular, a province's regulation. Rules of one regime, level and
    /// kind of period follow each other; those of several stand side by side.
    #[schema(min_length = 1, max_length = 200, pattern = r"\S", example = "Chương trình hỗ trợ HTX, 124/2021/TT-BTC")]
    pub regime: String,
    /// Whose reports are due.
    pub level: ReportLevel,
    /// The kind of period.
    pub period_kind: PeriodKind,
    /// The data window of the regime. Where it states none, that of Decree 09/2019/NĐ-CP holds; a review needs one.
    #[schema(nullable = false)]
    pub window: Option<WindowTerms>,
    /// The day that the rule names. A rule without one sets the data window alone: no deadline is set then.
    #[schema(nullable = false)]
    pub due: Option<DayOfYear>,
    /// Whether that day is in time to its end (*chậm nhất vào ngày*), or is late already (*trước ngày*).
    pub last_day_counts: bool,
    /// The first day on which nothing is taken in any more; reports are never locked when absent.
    #[schema(nullable = false)]
    pub locks: Option<DayOfYear>,
    /// The first day in force: the rule is that of the periods whose data close on or after it.
    #[schema(example = "2021-02-03")]
    pub valid_from: NaiveDate,
    /// The last day in force; open when absent.
    #[schema(nullable = false)]
    pub valid_to: Option<NaiveDate>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "124/2021/TT-BTC")]
    pub legal_basis: String,
}

/// A deadline of reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportingDeadline {
    /// Identifier.
    pub id: Uuid,
    /// Version, counted from 1.
    pub version: i32,
    /// What it says.
    pub terms: DeadlineTerms,
    /// Whether it is in force.
    pub state: ReportingDeadlineState,
    /// Everyone who wrote it: none of them puts it in force.
    pub writers: Writers,
    /// When it was first recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was put in force.
    pub activated_at: Option<DateTime<Utc>>,
    /// When the rule that followed gave it its last day.
    pub ended_at: Option<DateTime<Utc>>,
}

/// The last day that is in time.
fn last_timely(on_date: NaiveDate, last_day_counts: bool) -> NaiveDate {
    if last_day_counts { on_date } else { on_date.pred_opt().unwrap_or(on_date) }
}

/// Refuses a day that lies before another.
fn not_before(day: NaiveDate, earliest: NaiveDate, pointer: &str) -> Result<(), Refusal> {
    if day >= earliest {
        return Ok(());
    }
    let (vi, en) = (format!("Ngày {day} trước ngày {earliest}."), format!("{day} is before {earliest}."));
    Err(Refusal::at(Rule::DatesOutOfOrder, pointer, vi, en).given(&[("date", &day), ("limit", &earliest)]))
}

/// Leaves at least one working day between the closing of the data and the deadline.
fn after_the_window(window: DataWindow, holidays: &Holidays, last: NaiveDate, pointer: &str) -> Result<(), Refusal> {
    let first = holidays.next_working_day(window.to_date);
    if last >= first {
        return Ok(());
    }
    Err(Refusal::at(
        Rule::DeadlineTooEarly,
        pointer,
        format!("Số liệu chốt ngày {}; hạn nộp sớm nhất là hết ngày {first}, không phải {last}.", window.to_date),
        format!("The data close on {}; the earliest last day is {first}, not {last}.", window.to_date),
    )
    .given(&[("closes", &window.to_date), ("earliest", &first), ("last", &last)]))
}

/// How many years a rule is tried for at most: after that, the days of the week come again.
const YEARS: u16 = 28;
/// How many years after its own the data of a period may close (`WindowTerms::to`).
const YEARS_AFTER: u16 = 2;

impl DeadlineTerms {
    /// The rule for a period, if it is one of that kind.
    fn due_for(&self, period: Period) -> Option<(NaiveDate, Option<NaiveDate>)> {
        let due = self.due?.for_year(period.year())?;
        Some((due, self.locks.and_then(|locks| locks.for_year(period.year()))))
    }

    /// The data window of a period under the rule.
    pub fn window_for(&self, period: Period) -> Option<DataWindow> {
        let Some(WindowTerms { from, to }) = self.window else { return period.decreed() };
        Some(DataWindow { from_date: from.for_year(period.year())?, to_date: to.for_year(period.year())? })
    }

    /// Whether the rule is that of a period: of its kind, and in force when its data close.
    pub fn covers(&self, period: Period) -> bool {
        let Some(DataWindow { to_date: closes, .. }) = self.window_for(period) else { return false };
        let in_force = self.valid_from <= closes && self.valid_to.is_none_or(|end| closes <= end);
        self.period_kind == period.kind() && in_force
    }

    /// Checks what the schema cannot, for every year that the rule can be of.
    ///
    /// # Errors
    /// Every fault, with its place.
    pub fn check(&self, holidays: &Holidays) -> Result<(), Refusal> {
        let mut refusals = Vec::new();
        if let Some(end) = self.valid_to {
            refusals.extend(not_before(end, self.valid_from, "/validTo").err());
        }
        let closing = self.window.map(|window| window.to);
        for (day, pointer) in [(self.due, "/due"), (self.locks, "/locks"), (closing, "/window/to")] {
            // 2023 has no 29 February.
            let missing = |day: &DayOfYear| day.for_year(2023_u16.saturating_sub(day.years_after.into())).is_none();
            if let Some(DayOfYear { month, day, .. }) = day.filter(missing) {
                let (vi, en) = ("Ngày này không có trong mọi năm.", "This day is not in every year.");
                let refusal = Refusal::at(Rule::NoSuchDay, pointer, vi, en);
                refusals.push(refusal.given(&[("day", &day), ("month", &month)]));
            }
        }
        if let (None, Some(locks)) = (self.due, self.locks) {
            let (vi, en) = ("Chỉ khóa kỳ báo cáo sau một hạn nộp.", "Only what has a deadline is locked after it.");
            let stated = format!("{:02}-{:02}", locks.month, locks.day);
            let refusal = Refusal::at(Rule::Contradiction, "/locks", vi, en);
            refusals.push(refusal.given(&[("stated", &stated), ("against", &"no due day")]));
        }
        refusals.extend(self.window_fault());
        if refusals.is_empty() {
            refusals.extend(self.years().find_map(|period| self.check_for(period, holidays).err()));
        }
        Refusal::of_all(refusals)
    }

    /// What is wrong with the window: a review has none of the decree's, and a window begins before it closes.
    fn window_fault(&self) -> Option<Refusal> {
        let Some(WindowTerms { from, to: _ }) = self.window else {
            let (vi, en) = match (self.period_kind, self.due) {
                (PeriodKind::Review, _) => {
                    ("Kỳ sơ kết, tổng kết cần có thời kỳ số liệu.", "A review needs a data window of its own.")
                }
                (_, None) => (
                    "Quy định không có hạn nộp thì nêu thời kỳ số liệu.",
                    "A rule without a deadline sets a data window.",
                ),
                (_, Some(_)) => return None,
            };
            let refusal = Refusal::at(Rule::WindowMissing, "/window", vi, en);
            return Some(refusal.given(&[("periodKind", &self.period_kind.name())]));
        };
        if from.for_year(2023_u16.saturating_add(from.years_before.into())).is_none() {
            let (vi, en) = ("Ngày này không có trong mọi năm.", "This day is not in every year.");
            let (day, month) = (from.day, from.month);
            return Some(
                Refusal::at(Rule::NoSuchDay, "/window/from", vi, en).given(&[("day", &day), ("month", &month)]),
            );
        }
        let window = self.window_for(self.period_kind.of(2023))?;
        (window.from_date > window.to_date).then(|| {
            let (date, limit) = (window.from_date, window.to_date);
            Refusal::at(
                Rule::DatesOutOfOrder,
                "/window/from",
                format!("Thời kỳ số liệu bắt đầu ngày {date}, sau ngày chốt {limit}."),
                format!("The data window begins on {date}, after it closes on {limit}."),
            )
            .given(&[("date", &date), ("limit", &limit)])
        })
    }

    /// The periods that the rule is of, as far as they differ.
    fn years(&self) -> impl Iterator<Item = Period> {
        let first = u16::try_from(self.valid_from.year()).unwrap_or_default().saturating_sub(YEARS_AFTER);
        let years = first..first.saturating_add(YEARS_AFTER).saturating_add(YEARS);
        years.map(|year| self.period_kind.of(year)).filter(|period| self.covers(*period))
    }

    fn check_for(&self, period: Period, holidays: &Holidays) -> Result<(), Refusal> {
        let Some((due, locks)) = self.due_for(period) else { return Ok(()) };
        let Some(window) = self.window_for(period) else { return Ok(()) };
        after_the_window(window, holidays, last_timely(due, self.last_day_counts), "/due")?;
        match locks {
            Some(locks) if locks <= last_timely(due, self.last_day_counts) => Err(Refusal::at(
                Rule::DatesOutOfOrder,
                "/locks",
                format!("Ngày khóa {locks} không sau hạn nộp {due}."),
                format!("The lock on {locks} is not after the deadline {due}."),
            )
            .given(&[("date", &locks), ("limit", &due)])),
            _ => Ok(()),
        }
    }
}

impl ReportingDeadline {
    /// Loads a rule. It binds nobody until it is activated.
    ///
    /// # Errors
    /// The terms do not hold together.
    pub fn load(
        id: Uuid,
        terms: DeadlineTerms,
        holidays: &Holidays,
        (caller, now): (&Caller, Moment),
    ) -> Result<Self, Refusal> {
        terms.check(holidays)?;
        Ok(Self {
            id,
            version: 1,
            terms,
            state: ReportingDeadlineState::Draft,
            writers: Writers::first(caller),
            recorded_at: now.0,
            updated_at: now.0,
            activated_at: None,
            ended_at: None,
        })
    }

    /// The rule as it was at an instant, if it was in force by then: still open, when its end was recorded later.
    pub fn as_of(self, at: DateTime<Utc>) -> Option<Self> {
        let known = self.state == ReportingDeadlineState::Active && self.activated_at.is_none_or(|since| since <= at);
        let valid_to = self.terms.valid_to.filter(|_| self.ended_at.is_none_or(|since| since <= at));
        known.then(|| Self { terms: DeadlineTerms { valid_to, ..self.terms.clone() }, ..self })
    }

    /// Writes a draft anew.
    ///
    /// # Errors
    /// It is in force, or the terms do not hold together.
    pub fn edit(
        self,
        terms: DeadlineTerms,
        holidays: &Holidays,
        (caller, now): (&Caller, Moment),
    ) -> Result<Self, Refusal> {
        self.may_edit()?;
        terms.check(holidays)?;
        Ok(Self { terms, writers: self.writers.clone().and(caller), ..self.next_version(now) })
    }

    /// Whether it can still be written or deleted.
    ///
    /// # Errors
    /// It is in force.
    pub fn may_edit(&self) -> Result<(), Refusal> {
        match self.state {
            ReportingDeadlineState::Draft => Ok(()),
            ReportingDeadlineState::Active => Err(Refusal::new(
                Rule::NotADraft,
                "Quy định về hạn nộp đã có hiệu lực, không còn là dự thảo.",
                "The deadline is in force and no longer a draft.",
            )
            .given(&[("state", &"active")])),
        }
    }

    /// Whether the caller may put it in force: nobody who wrote it.
    ///
    /// # Errors
    /// It is in force already, or the caller wrote it.
    pub fn may_activate(&self, caller: &Caller) -> Result<(), Refusal> {
        self.may_edit()?;
        self.writers.four_eyes(caller)
    }

    /// Puts the rule in force. An open rule of the same regime, level and kind that began earlier ends on the day before. `others`
    /// are the rules in force of that level and kind, `reported` the periods on which reports of its level were made.
    ///
    /// # Errors
    /// The caller wrote it, a holiday that was loaded since leaves no working day, another rule of the regime covers the same
    /// days, another rule takes the data otherwise, or it moves the window of a period that was reported on.
    pub fn activate(
        self,
        others: Vec<Self>,
        (reported, holidays): (&[Period], &Holidays),
        (caller, now): (&Caller, Moment),
    ) -> Result<(Self, Option<Self>), Refusal> {
        self.may_activate(caller)?;
        self.terms.check(holidays)?;
        let windows = |rules| Calendar::new(rules, LoadedDays::default());
        let before = windows(others.clone());
        let ended = self.successor_of(&others, now)?;
        let is_ended = |other: &Self| ended.as_ref().is_some_and(|ended| ended.id == other.id);
        let state = ReportingDeadlineState::Active;
        let active = Self { state, activated_at: Some(now.0), ..self.next_version(now) };
        let kept = ended.clone().into_iter().chain(others.into_iter().filter(|other| !is_ended(other)));
        let kept: Vec<Self> = kept.collect();
        active.agrees_on_windows(&kept)?;
        active.leaves_windows(&before, &windows(kept.into_iter().chain([active.clone()]).collect()), reported)?;
        Ok((active, ended))
    }

    /// The rule of the same regime that this one ends, if there is one: open, and begun earlier.
    fn successor_of(&self, others: &[Self], now: Moment) -> Result<Option<Self>, Refusal> {
        let (from, to) = (self.terms.valid_from, self.terms.valid_to);
        let mut ended = None;
        for other in others.iter().filter(|other| other.terms.regime == self.terms.regime) {
            let begins_later = to.is_some_and(|end| other.terms.valid_from > end);
            if begins_later || other.terms.valid_to.is_some_and(|end| end < from) {
                continue;
            }
            if other.terms.valid_to.is_some() || other.terms.valid_from >= from {
                return Err(Refusal::new(
                    Rule::DeadlinesOverlap,
                    "Chế độ này đã có quy định khác áp dụng cho cùng thời gian.".to_owned(),
                    format!("The deadline {} of this regime covers the same days.", other.id),
                )
                .given(&[("deadline", &other.id), ("regime", &self.terms.regime)]));
            }
            let terms = DeadlineTerms { valid_to: from.pred_opt(), ..other.terms.clone() };
            ended = Some(Self { terms, ended_at: Some(now.0), ..other.clone().next_version(now) });
        }
        Ok(ended)
    }

    /// Refuses a rule that takes the data of a period otherwise than another rule in force: a report has one window.
    fn agrees_on_windows(&self, others: &[Self]) -> Result<(), Refusal> {
        let differs = |other: &Self, period: Period| {
            let (stated, own) = (other.terms.window_for(period)?, self.terms.window_for(period)?);
            (other.terms.covers(period) && stated != own).then_some((other.id, period, stated))
        };
        let mut periods = self.terms.years();
        let found = periods.find_map(|period| others.iter().find_map(|other| differs(other, period)));
        let Some((other, period, DataWindow { from_date, to_date })) = found else { return Ok(()) };
        Err(Refusal::at(
            Rule::WindowsDiffer,
            "/window",
            format!(
                "Quy định khác lấy số liệu kỳ {period} từ ngày {from_date} đến ngày {to_date}; một báo cáo có một thời kỳ \
                 số liệu."
            ),
            format!("Another rule takes the data of {period} from {from_date} to {to_date}; a report has one window."),
        )
        .given(&[("period", &period), ("from", &from_date), ("to", &to_date), ("deadline", &other)]))
    }

    /// Refuses a calendar that gives a period which was reported on another window.
    fn leaves_windows(&self, before: &Calendar, after: &Calendar, reported: &[Period]) -> Result<(), Refusal> {
        let level = self.terms.level;
        let window = |calendar: &Calendar, period: Period| calendar.window(level, period);
        let moved = reported.iter().find(|period| window(before, **period) != window(after, **period));
        let Some((period, window)) = moved.and_then(|period| Some((period, window(before, *period)?))) else {
            return Ok(());
        };
        let DataWindow { from_date, to_date } = window;
        Err(Refusal::at(
            Rule::WindowInUse,
            "/window",
            format!("Đã có báo cáo kỳ {period} với số liệu từ ngày {from_date} đến ngày {to_date}."),
            format!("Reports on {period} were made on the data of {from_date} to {to_date}."),
        )
        .given(&[("period", period), ("from", &from_date), ("to", &to_date)]))
    }

    /// When the report on a period is due by this rule, if the rule is that of the period: on the day that it names, but not
    /// before the first working day after the data close, which holidays may move on. They count as far as they were known
    /// before the deadline passed: what is loaded or taken out later changes nothing that is over.
    pub fn due(&self, period: Period, days: &LoadedDays) -> Option<ReportDue> {
        let (named, locks_on) = self.terms.due_for(period).filter(|_| self.terms.covers(period))?;
        let closes = self.terms.window_for(period)?.to_date;
        let (legal_basis, last_day_counts) = (self.terms.legal_basis.clone(), self.terms.last_day_counts);
        let mut deadline = Deadline { on_date: named, last_day_counts, legal_basis };
        // Each turn moves the day on, and only over days that were loaded.
        for _ in 0..=days.0.len() {
            let earliest = days.known_at(deadline.passes_at()).next_working_day(closes);
            if earliest <= last_timely(deadline.on_date, deadline.last_day_counts) {
                break;
            }
            deadline = Deadline { on_date: earliest, last_day_counts: true, ..deadline };
        }
        let passed = NaiveDate::succ_opt(&last_timely(deadline.on_date, deadline.last_day_counts));
        let locks_on = locks_on.map(|day| passed.map_or(day, |passed| day.max(passed)));
        let has_moved = (deadline.on_date, deadline.last_day_counts) != (named, last_day_counts);
        let named_on = has_moved.then_some(named);
        let lock = locks_on.map(|on_date| Lock { on_date, legal_basis: Some(self.terms.legal_basis.clone()) });
        let regime = Some(self.terms.regime.clone());
        Some(ReportDue { deadline, named_on, lock, regime, rule: Some(self.id), exception: None })
    }

    fn next_version(self, now: Moment) -> Self {
        Self { version: self.version.saturating_add(1), updated_at: now.0, ..self }
    }
}

/// Closes the data of half-years and years (Decree 09/2019/NĐ-CP); its windows hold where no rule states another.
const DECREE: &str = "09/2019/NĐ-CP";

/// What a data window rests on.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WindowBasis {
    /// The rule that states the window: a `reporting-deadline`; absent where the decree gives it.
    pub rule: Option<Uuid>,
    /// Document and article.
    #[schema(min_length = 1, max_length = 300, pattern = r"\S", example = "09/2019/NĐ-CP")]
    pub legal_basis: String,
}

/// The rules in force of a kind of period, and the days off: what data windows and deadlines are taken from.
#[derive(Debug, Clone)]
pub struct Calendar {
    rules: Vec<ReportingDeadline>,
    days: LoadedDays,
}

impl Calendar {
    /// A calendar of rules that are in force, with the days that were loaded.
    pub const fn new(rules: Vec<ReportingDeadline>, days: LoadedDays) -> Self {
        Self { rules, days }
    }

    /// When the reports of a level on a period are due under each regime, the earliest first.
    pub fn dues(&self, level: ReportLevel, period: Period) -> Vec<ReportDue> {
        let rules = self.rules.iter().filter(|rule| rule.terms.level == level);
        let mut dues: Vec<ReportDue> = rules.filter_map(|rule| rule.due(period, &self.days)).collect();
        dues.sort_by_key(|due| (due.deadline.passes_at(), due.rule));
        dues
    }

    /// The data window of a level's reports on a period: by the rule in force, else by the decree. None for a review that no
    /// rule has set for this level: nobody of it reports then.
    pub fn window(&self, level: ReportLevel, period: Period) -> Option<DataWindow> {
        let rule = self.rules.iter().find(|rule| rule.terms.level == level && rule.terms.covers(period));
        rule.and_then(|rule| rule.terms.window_for(period)).or_else(|| period.decreed())
    }

    /// What gives a level's reports on a period their window: the rule that states one, with its legal basis, else the
    /// decree. None where there is no window.
    pub fn window_basis(&self, level: ReportLevel, period: Period) -> Option<WindowBasis> {
        let rule = self.rules.iter().find(|rule| rule.terms.level == level && rule.terms.covers(period));
        match rule.filter(|rule| rule.terms.window.is_some()) {
            Some(rule) => Some(WindowBasis { rule: Some(rule.id), legal_basis: rule.terms.legal_basis.clone() }),
            None => period.decreed().map(|_| WindowBasis { rule: None, legal_basis: DECREE.to_owned() }),
        }
    }

    /// The data window of a period as a whole: that of the provinces, else of who reports to them.
    pub fn whole(&self, period: Period) -> Option<DataWindow> {
        let levels = [ReportLevel::Province, ReportLevel::Locality, ReportLevel::LineDepartment];
        levels.into_iter().find_map(|level| self.window(level, period))
    }
}

#[cfg(test)]
mod tests;

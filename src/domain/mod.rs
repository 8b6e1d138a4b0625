//! The scheme itself: plain rules, no I/O, no async. Read it as a book.
//!
//! # Glossary
//!
//! | Term | *Tiếng Việt* | |
//! |---|---|---|
//! | agency | *cơ quan, đơn vị* | An office with a kind, a unit and days; its successor acts for its records after a merger. |
//! | aggregate | *tổng hợp* | Figures over several reports, naming each with its revision and a digest. |
//! | allocation | *phân bổ kinh phí* | A numbered decision that gives money of plan lines to a pilot or an implementing agency; has entries. |
//! | application | *hồ sơ đăng ký* | A cooperative's wish to take part with one model: dossier, priority claims, opinions. |
//! | appraisal | *thẩm định* | What finance or the lead agency says of a support need before it is approved. |
//! | audit event | *sự kiện kiểm toán* | What was written, shared or issued: who, when, from where, which record, and digests of the content; never edited. |
//! | audit checkpoint | *mốc kiểm chứng* | A sealed digest over the audit events up to a place, bound to the checkpoint before. |
//! | change | *thay đổi* | What happened to a record, at its place in a feed that misses nothing. |
//! | claim review | *xem xét điều kiện ưu tiên* | An agency's word on a priority claim: confirmed or rejected, with the reason. |
//! | classification | *phân loại hợp tác xã* | By supply to members, members, capital and trade, or by field, under the rule in force on a day. |
//! | consolidation | *tổng hợp kế hoạch* | What the lead agency puts together of improvement plans or support needs for approval. |
//! | cooperative | *hợp tác xã, liên hiệp hợp tác xã* | Registered by the locality of its seat; its tax code is its natural key. |
//! | criteria set | *bộ tiêu chí* | Groups, criteria, leaves, maxima, scales and bands of a circular, in a version with days. |
//! | determination | *kết luận* | An answer on eligibility, rating, exit or class, kept with its inputs so that it can be replayed. |
//! | disbursement | *giải ngân* | Money paid out under an allocation, by voucher; posted once and corrected by new entries alone. |
//! | dossier | *thành phần hồ sơ* | The documents that an application must have, each a reference with title, number, date and digest. |
//! | eligibility | *điều kiện tham gia* | Each condition of the scheme and the province: met, not met or unknown, with inputs and legal basis. |
//! | endorsement | *ý kiến hội đồng quản trị, ban kiểm soát* | What board and supervisors say of the content of an evaluation; void when the content changes. |
//! | estimate line | *dòng dự toán* | Money of a provincial plan by category, and where stated by level, source, nature, kind and year. |
//! | evaluation | *đánh giá, xếp loại* | Points of a cooperative on a year against a criteria set: its own, verified, or final. |
//! | exit | *điều kiện kết thúc* | Two verdicts on a pilot: total of at least 80, and no criterion to be improved below its baseline. |
//! | form | *biểu mẫu báo cáo* | The indicators of a report, in a version with days. |
//! | holiday | *ngày nghỉ lễ* | A day on which nobody works: the same every year, or loaded for one year with its decision. |
//! | day worked in lieu | *ngày làm bù* | A Saturday or Sunday on which is worked for another day that is off, by a decision. |
//! | improvement plan | *kế hoạch hoàn thiện* | What a pilot improves, from which baseline to which target, by which measures; signed and approved. |
//! | indicator | *chỉ tiêu báo cáo* | A figure of a report: unit, how it adds over units and over time, where it comes from; computed, or defined by a form and entered by hand. |
//! | inspection | *kiểm tra* | A visit to a pilot with findings. |
//! | loan | *vốn vay ưu đãi* | Preferential credit, decided by the lender and apart from the budget. |
//! | locality | *địa phương* | The agency of a district, after the reform of a commune. |
//! | measure | *giải pháp* | One thing that an improvement plan does, with days and who answers for it. |
//! | obligation | *nghĩa vụ báo cáo* | Who owes which report for which period, until when, under which rule. |
//! | obstacle | *khó khăn, vướng mắc* | Raised by an agency and passed on, level by level, until somebody resolves it. |
//! | pilot | *HTX thí điểm, sếu đầu đàn* | A cooperative that a decision selected to complete a model. |
//! | priority claim | *điều kiện ưu tiên* | What an applicant says of itself to be ranked before others, with evidence. |
//! | provincial plan | *kế hoạch của tỉnh* | The province's decision on the scheme: quota, lead agency, estimate. |
//! | receipt | *xác nhận đã nhận* | An agency's word that it has taken over exactly this content. |
//! | refusal | *từ chối* | Why something is not done: rule, legal basis, words, inputs and place. |
//! | replication | *nhân rộng* | Another cooperative takes over a completed model. |
//! | report | *báo cáo định kỳ* | Indicators and narrative of a unit on a period; accepted revisions never change. |
//! | scheme | *đề án* | Decision 167/QĐ-TTg: phases, models, conditions, quota, entry and exit. |
//! | seal | *chữ ký số của báo cáo* | A detached signature over the canonical content of a report or an aggregate. |
//! | selection decision | *quyết định phê duyệt* | Approves a list of pilots, all or none, within the quota; amended or revoked by later decisions. |
//! | service account | *tài khoản dịch vụ* | A machine that gets tokens for its secret; opened and revoked by the administrator. |
//! | settlement | *quyết toán* | What of an allocation is accepted for a fiscal year, carried over or returned. |
//! | succession | *sáp nhập, chia tách* | From which unit or agency another came, on which day, by which decision. |
//! | support need | *nhu cầu kinh phí hỗ trợ* | What a pilot asks of the State: itemised, phased, appraised, approved in part or whole. |
//! | unit | *đơn vị hành chính* | A province, district or commune by code and days of validity. |

pub mod agency;
pub mod aggregate;
pub mod application;
pub mod audit;
pub mod budget;
pub mod change;
pub mod classification;
pub mod condition;
pub mod cooperative;
pub mod criteria;
pub mod deadline;
pub mod determination;
pub mod digest;
pub mod eligibility;
pub mod evaluation;
pub mod evidence;
pub mod history;
pub mod holiday;
pub mod improvement;
pub mod indicator;
pub mod inspection;
pub mod loan;
pub mod moment;
pub mod money;
pub mod obligation;
pub mod obstacle;
pub mod percent;
pub mod period;
pub mod pilot;
pub mod plan;
pub mod provincial_condition;
pub mod quantity;
pub mod ranking;
pub mod reference;
pub mod refusal;
pub mod replication;
pub mod report;
pub mod reporting_deadline;
pub mod role;
pub mod rulebook;
pub mod scheme;
pub mod score;
pub mod selection;
pub mod service_account;
pub mod support_need;
pub mod territory;
pub mod text;
pub mod verdict;
pub mod vietnamese;
pub mod writers;

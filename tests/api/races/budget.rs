//! The concurrent attack on the budget: 64 writers against one line, one entry, two lines in both orders.

use futures_util::future::join_all;
use sarus::domain::role::Role;
use serde_json::{Value, json};

use super::{WRITERS, sorted};
use crate::support::client::{Answer, Client};
use crate::support::given_budget::{AGRICULTURE, allocation_path, entry, line_of, payment, totals_are_sums};
use crate::support::given_plans::plan_path;

const RECURRENT: &str = "recurrent_support";
const INFRASTRUCTURE: &str = "infrastructure_and_processing";

scenario! {
    /// 64 approvals of 200 million each against a line of 5,060: 25 fit, and not one more.
    async fn approvals_never_take_more_than_the_line_has(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let mut paths = Vec::new();
        for number in 1..=WRITERS {
            let draft = world.given_allocation_draft(&plan, &format!("{number}/QĐ-UBND"), &[entry(&line, 200)]).await;
            paths.push(allocation_path(&draft));
        }
        let committee = world.someone(Role::PeoplesCommittee, "89").with("accept-language", "en");
        let nothing = json!({});
        let answers = join_all(paths.iter().map(|path| committee.step(path, "approvals", &nothing))).await;
        let (accepted, refused) = sorted(answers, "line_exceeded");
        assert_eq!((accepted, refused.len()), (25, WRITERS - 25));
        assert!(refused.iter().all(|problem| problem["detail"].as_str().unwrap().contains("has 60000000 đồng left")));

        let plan_path = format!("/v1/provincial-plans/{}", plan["id"].as_str().unwrap());
        let lines = committee.get(&plan_path).await.ok()["estimateLines"].clone();
        assert_eq!(lines[2]["allocated"], "5000000000");
        let total = committee.get("/v1/budget-summaries?province=89").await.ok()["budget"]["total"].clone();
        assert_eq!((&total["allocated"], &total["remainingToAllocate"]), (&json!("5000000000"), &json!("6675000000")));
        assert_eq!(committee.get("/v1/budget-allocations?state=approved&count=exact").await.ok()["count"], 25);
        totals_are_sums(&world.sarus.store).await;
    }
}

scenario! {
    /// 64 vouchers of 30 million each against an entry of 1,000: 33 fit, and not one more; nobody's update is lost.
    async fn disbursements_never_take_more_than_the_entry_has(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let path = allocation_path(&allocation);
        let accountant = world.agriculture().with("accept-language", "en");
        let vouchers: Vec<_> = (1..=WRITERS).map(|number| payment(&allocation, &format!("CT-{number}"), 30)).collect();
        // Whatever version stands: each writer means its voucher, not a state of the whole.
        let (target, hasty) = (format!("{path}/disbursements"), accountant.seen("*"));
        let answers = join_all(vouchers.iter().map(|voucher| hasty.post(&target, voucher))).await;
        let (accepted, refused) = sorted(answers, "allocation_exceeded");
        assert_eq!((accepted, refused.len()), (33, WRITERS - 33));
        let after = accountant.get(&path).await.ok();
        assert_eq!((&after["disbursed"], &after["remaining"]), (&json!("990000000"), &json!("10000000")));
        let postings = accountant.get(&format!("{target}?limit=200")).await.ok();
        assert_eq!(postings["items"].as_array().unwrap().len(), 33);
    }
}

scenario! {
    /// 16 writers that have seen the same version: one is in time, the others learn that it changed.
    async fn of_those_who_saw_the_same_version_one_writes(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let path = allocation_path(&allocation);
        let accountant = world.agriculture().seen("\"2\"");
        let target = format!("{path}/disbursements");
        let vouchers: Vec<_> = (1..=16).map(|number| payment(&allocation, &format!("CT-{number}"), 30)).collect();
        let answers = join_all(vouchers.iter().map(|voucher| accountant.post(&target, voucher))).await;
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((accepted.len(), refused.len()), (1, 15));
        for answer in refused {
            answer.refused(412, "stale");
        }
        assert_eq!(accountant.get(&path).await.ok()["disbursed"], "30000000");
    }
}

scenario! {
    /// Decisions over the same two lines in opposite orders: nobody waits for ever, all or none of each is taken.
    async fn decisions_over_many_lines_do_not_block_each_other(world) {
        let plan = world.given_plan("89").await;
        let (recurrent, infrastructure) = (line_of(&plan, RECURRENT), line_of(&plan, INFRASTRUCTURE));
        let mut paths = Vec::new();
        for number in 1..=32 {
            let mut entries = vec![entry(&recurrent, 300), entry(&infrastructure, 300)];
            if number % 2 == 0 {
                entries.reverse();
            }
            let draft = world.given_allocation_draft(&plan, &format!("{number}/QĐ-UBND"), &entries).await;
            paths.push(allocation_path(&draft));
        }
        let committee = world.someone(Role::PeoplesCommittee, "89").with("accept-language", "en");
        let nothing = json!({});
        let answers = join_all(paths.iter().map(|path| committee.step(path, "approvals", &nothing))).await;
        // 5,060 ÷ 300 = 16; the larger line is only taken from together with the smaller one.
        let (accepted, _) = sorted(answers, "line_exceeded");
        assert_eq!(accepted, 16);
        let groups = committee.get("/v1/budget-summaries?by=category").await.ok()["budget"]["groups"].clone();
        assert_eq!((&groups[0]["allocated"], &groups[1]["allocated"]), (&json!("4800000000"), &json!("4800000000")));
    }
}

scenario! {
    /// The same voucher sent 16 times at once, with one key and with none: posted once.
    async fn a_voucher_is_posted_once_however_often_it_is_sent(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let path = allocation_path(&allocation);
        let accountant = world.agriculture();
        let voucher = payment(&allocation, "CT-1", 30);
        let retrying = accountant.with("idempotency-key", "one").seen("\"2\"");
        let target = format!("{path}/disbursements");
        let repeats = join_all((0..16).map(|_| retrying.post(&target, &voucher))).await;
        assert!(repeats.iter().all(|answer| answer.ok() == repeats[0].body));
        let hasty = accountant.seen("*");
        let without_key = join_all((0..16).map(|_| hasty.post(&target, &voucher))).await;
        for answer in without_key {
            answer.refused(409, "already_exists");
        }
        assert_eq!(accountant.get(&path).await.ok()["disbursed"], "30000000");
    }
}

/// A settlement of the one entry of an allocation of which 600 of 1,000 million are disbursed.
fn settlement(allocation: &Value, year: u16) -> Value {
    json!({
        "entry": allocation["entries"][0]["id"], "fiscalYear": year, "amount": "600000000", "carriedOver": "400000000",
        "returned": "0", "documentNumber": "1/BC-SNN", "documentDate": "2025-01-25",
    })
}

scenario! {
    /// 64 settlements of one year at once: one is recorded. Four of as many years, accepted at once: one fits.
    async fn settlements_never_count_more_than_was_disbursed(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let path = allocation_path(&allocation);
        let accountant = world.agriculture().with("accept-language", "en").seen("*");
        accountant.post(&format!("{path}/disbursements"), &payment(&allocation, "CT-01", 600)).await.ok();
        let target = format!("{path}/settlements");
        let of_2022 = settlement(&allocation, 2022);
        let answers = join_all((0..WRITERS).map(|_| accountant.post(&target, &of_2022))).await;
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((accepted.len(), refused.len()), (1, WRITERS - 1));
        for answer in refused {
            answer.refused(409, "already_exists");
        }
        for year in 2023..2026 {
            accountant.post(&target, &settlement(&allocation, year)).await.ok();
        }
        let finance = world.someone(Role::Finance, "89").with("accept-language", "en").seen("*");
        let recorded = finance.get(&format!("{target}?limit=200")).await.ok()["items"].clone();
        let reviews: Vec<_> = recorded.as_array().unwrap().iter().map(|one| json!({"settlement": one["id"], "outcome": "accepted"})).collect();
        let target = format!("{path}/settlement-reviews");
        let answers = join_all(reviews.iter().map(|review| finance.post(&target, review))).await;
        // 2022 is accepted, whoever comes first; before it the later years are out of order, after it they do not balance.
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((accepted.len(), refused.len()), (1, 3));
        for answer in refused {
            let code = answer.body["code"].as_str().unwrap();
            assert!(["settlement_unbalanced", "year_out_of_order"].contains(&code), "{}", answer.text);
            assert!(answer.refused(409, code)["inputs"]["left"].is_string(), "{}", answer.text);
        }
        let after = finance.get(&path).await.ok();
        assert_eq!((&after["settled"], &after["remaining"]), (&json!("600000000"), &json!("400000000")));
    }
}

/// Sends files to one import at once.
async fn imported_at_once(client: &Client, path: &str, files: Vec<String>) -> Vec<Answer> {
    let hasty = client.seen("*");
    let upload = |file: String| {
        let hasty = hasty.clone();
        async move { hasty.upload(path, "text/csv", file.into_bytes()).await }
    };
    join_all(files.into_iter().map(upload)).await
}

scenario! {
    /// 64 files of two vouchers, 20 and 10 million, against an entry of 1,000: 33 files fit as a whole, and not one more.
    async fn imports_never_disburse_more_than_the_entry_has(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let part = allocation["entries"][0]["id"].as_str().unwrap();
        let file = |number: usize| format!(
            "id,entry,amount,voucherNumber,voucherDate,corrects,reason\n\
             ,{part},20000000,A-{number},2022-03-01,,\n,{part},10000000,B-{number},2022-03-01,,\n"
        );
        let accountant = world.agriculture().with("accept-language", "en");
        let target = format!("{}/disbursements", plan_path(&plan));
        let answers = imported_at_once(&accountant, &target, (1..=WRITERS).map(file).collect()).await;
        let (accepted, refused) = sorted(answers, "allocation_exceeded");
        assert_eq!((accepted, refused.len()), (33, WRITERS - 33));
        let path = allocation_path(&allocation);
        let after = accountant.get(&path).await.ok();
        assert_eq!((&after["disbursed"], &after["remaining"]), (&json!("990000000"), &json!("10000000")));
        let postings = accountant.get(&format!("{path}/disbursements?limit=200&count=exact")).await.ok();
        assert_eq!(postings["count"], 66, "all rows of a file or none");
    }
}

scenario! {
    /// 32 different files of lines into one draft at once, whatever version stands: each is written as a whole or learns what has
    /// just been written.
    async fn imports_of_lines_are_written_whole_or_learn_what_stands(world) {
        let plan = world.given_plan_draft("89").await;
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let file = |number: usize| format!(
            "id,category,budgetLevel,source,nature,supportKind,fiscalYear,amount\n\
             ,recurrent_support,,,,,,{number}000000\n,infrastructure_and_processing,,,,,,{number}000000\n"
        );
        let target = format!("{}/estimate-lines", plan_path(&plan));
        let answers = imported_at_once(&lead, &target, (1..=32).map(file).collect()).await;
        let (accepted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(!accepted.is_empty());
        for answer in refused {
            let problem = answer.refused(409, "content_changed");
            let left: i64 = problem["inputs"]["left"].as_str().unwrap().parse().unwrap();
            assert_eq!((left % 2_000_000, &problem["inputs"]["lines"]), (0, &json!("2")), "{problem}");
        }
        let kept = lead.get(&plan_path(&plan)).await.ok();
        let lines = kept["estimateLines"].as_array().unwrap();
        assert_eq!((lines.len(), &lines[0]["amount"]), (2, &lines[1]["amount"]), "all rows of one file");
        assert_eq!(kept["total"].as_str().unwrap().parse::<i64>().unwrap(), 2 * lines[0]["amount"].as_str().unwrap().parse::<i64>().unwrap());
    }
}

scenario! {
    /// 64 times the same file of decisions: drafted once, whoever comes first; nobody's draft is lost or doubled.
    async fn the_same_decisions_are_imported_once(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let head = "allocation,decisionNumber,decisionDate,entry,line,amount,supportKind,implementingAgency,pilot,fiscalYear";
        let row = |number: u32| format!(",{number}/QĐ,2022-01-20,,{line},100000000,training,{AGRICULTURE},,2022");
        let file = [head.to_owned(), row(1), row(2), row(1)].join("\n");
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let target = format!("{}/allocations", plan_path(&plan));
        let answers = imported_at_once(&lead, &target, vec![file; WRITERS]).await;
        let (mut drafted, mut unchanged) = (0, 0);
        for answer in answers {
            match answer.status {
                200 if answer.body["created"] == 3 => drafted += 1,
                200 => {
                    assert_eq!((&answer.body["created"], &answer.body["unchanged"]), (&json!(0), &json!(3)));
                    unchanged += 1;
                }
                // Both looked before either had written: the second one learns that the decision is there.
                _ => drop(answer.refused(409, "already_exists")),
            }
        }
        assert_eq!(drafted, 1, "and {unchanged} found it there");
        let drafts = lead.get("/v1/budget-allocations?count=exact").await.ok();
        assert_eq!(drafts["count"], 2);
    }
}

scenario! {
    /// Corrections of one settlement of 600 million by 30 each, 64 recorded and accepted at once: 20 count, the others learn
    /// what was left.
    async fn corrections_never_take_back_more_than_was_settled(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let path = allocation_path(&allocation);
        let accountant = world.agriculture().with("accept-language", "en").seen("*");
        accountant.post(&format!("{path}/disbursements"), &payment(&allocation, "CT-01", 600)).await.ok();
        accountant.post(&format!("{path}/settlements"), &settlement(&allocation, 2022)).await.ok();
        let finance = world.someone(Role::Finance, "89").with("accept-language", "en").seen("*");
        let settled = finance.get(&format!("{path}/settlements")).await.ok()["items"][0]["id"].clone();
        let (reviews, accepted) = (format!("{path}/settlement-reviews"), json!({"settlement": settled, "outcome": "accepted"}));
        finance.post(&reviews, &accepted).await.ok();

        let target = format!("{path}/settlement-corrections");
        let bodies: Vec<_> = (1..=WRITERS).map(|number| json!({
            "corrects": settled, "amount": "-30000000", "returned": "0", "documentNumber": format!("KT-{number}"),
            "documentDate": "2025-02-01", "reason": "Kiểm toán loại trừ.",
        })).collect();
        let recorded = join_all(bodies.iter().map(|body| accountant.post(&target, body))).await;
        assert!(recorded.iter().all(|answer| answer.status == 200), "a correction counts once it is accepted");
        let listed = finance.get(&format!("{target}?limit=200")).await.ok()["items"].clone();
        let bodies: Vec<_> = listed.as_array().unwrap().iter()
            .map(|one| json!({"settlement": one["id"], "outcome": "accepted"})).collect();
        let answers = join_all(bodies.iter().map(|body| finance.post(&reviews, body))).await;
        let (accepted, refused) = sorted(answers, "correction_exceeded");
        assert_eq!((accepted, refused.len()), (20, WRITERS - 20));
        assert!(refused.iter().all(|problem| problem["detail"].as_str().unwrap().contains("has 0 đồng left")));
        let after = finance.get(&path).await.ok();
        assert_eq!((&after["settled"], &after["disbursed"]), (&json!("0"), &json!("600000000")));
    }
}

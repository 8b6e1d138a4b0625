//! The books of a plan as files: out and in again as nothing new, all faults with their cells, all rows or none.

use sarus::domain::role::{Role, Scope};
use sarus::store::budget as books;
use serde_json::{Value, json};

use crate::support::client::{Answer, Client};
use crate::support::given_budget::{
    AGRICULTURE, allocation_path, entry, line_of, new_allocation, payment, totals_are_sums,
};
use crate::support::given_needs::{approval, need_path, needed};
use crate::support::given_plans::plan_path;

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const RECURRENT: &str = "recurrent_support";

async fn exported(client: &Client, path: &str, kind: &str) -> Vec<u8> {
    let answer = client.with("accept", kind).get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type").trim_end_matches("; charset=utf-8"), kind);
    answer.bytes
}

async fn imported(client: &Client, path: &str, kind: &str, bytes: &[u8]) -> Answer {
    client.seen("*").upload(path, kind, bytes.to_vec()).await
}

fn report(answer: &Answer) -> [Value; 3] {
    let report = answer.ok();
    ["rows", "created", "unchanged"].map(|name| report[name].clone())
}

fn books_of(plan: &Value) -> [String; 3] {
    ["estimate-lines", "allocations", "disbursements"].map(|table| format!("{}/{table}", plan_path(plan)))
}

scenario! {
    /// What was exported imports as nothing new, in both formats, for lines, allocations and disbursements.
    async fn an_exported_file_imports_as_nothing_new(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1_000), entry(&line, 500)]).await;
        world.given_allocation_draft(&plan, "=2/QĐ-UBND", &[entry(&line, 10)]).await;
        let path = allocation_path(&allocation);
        let accountant = world.agriculture();
        accountant.step(&path, "disbursements", &payment(&allocation, "CT-01", 400)).await.ok();
        let posted = accountant.get(&format!("{path}/disbursements")).await.ok()["items"][0]["id"].clone();
        let back = json!({
            "corrects": posted, "amount": "25000000", "voucherNumber": "@CT-01", "voucherDate": "2022-03-05",
            "reason": "Ghi trùng \"hóa đơn\",\nsố 15.",
        });
        accountant.step(&path, "adjustments", &back).await.ok();

        let lead = world.someone(Role::LeadAgency, "89");
        let before = lead.get("/v1/budget-summaries?by=allocation").await.ok();
        for kind in [CSV, XLSX] {
            for ((path, who), rows) in books_of(&plan).iter().zip([&lead, &lead, &accountant]).zip([3, 3, 2]) {
                let file = exported(who, path, kind).await;
                let answer = imported(who, path, kind, &file).await;
                assert_eq!(report(&answer), [json!(rows), json!(0), json!(rows)], "{path} {kind}");
                assert!(!answer.headers.contains_key("content-location"), "a report is of no resource");
                let etag = who.get(&plan_path(&plan)).await.ok_etag();
                assert_eq!(format!("\"{}\"", answer.body["planVersion"]), etag);
                assert_eq!(answer.body["plan"], plan["id"]);
            }
        }
        assert_eq!(lead.get("/v1/budget-summaries?by=allocation").await.ok(), before);
        assert_eq!(lead.get("/v1/budget-allocations?count=exact").await.ok()["count"], 2);
        let text = String::from_utf8(exported(&lead, &books_of(&plan)[1], CSV).await).unwrap();
        assert!(text.starts_with("allocation,decisionNumber,decisionDate,entry,line,amount,"), "{text}");
        assert!(text.contains(",'=2/QĐ-UBND,2022-01-20,"), "{text}");
        let unchanged = lead.with("accept", CSV).get(&books_of(&plan)[1]).await.ok_etag();
        assert_eq!(lead.with("accept", CSV).with("if-none-match", &unchanged).get(&books_of(&plan)[1]).await.status, 304);
        lead.with("accept", "application/json").get(&books_of(&plan)[0]).await.refused(406, "not_acceptable");
    }
}

scenario! {
    /// An empty draft of a plan gets its lines, their sum its total; an approved plan is amended, not imported.
    async fn the_lines_of_a_draft_come_from_a_file(world) {
        let plan = world.given_plan_draft("89").await;
        let lead = world.someone(Role::LeadAgency, "89");
        let path = books_of(&plan)[0].clone();
        // The example of the document is such a file; of the other books it names what nobody has.
        for (book, told) in ["estimate-lines", "allocations", "disbursements"].iter().zip(["", "line", "entry"]) {
            let pattern = format!("/v1/provincial-plans/{{id}}/{book}");
            let example = &world.document()["paths"][&pattern]["post"]["requestBody"]["content"][CSV]["example"];
            let file = example.as_str().unwrap().as_bytes().to_vec();
            let who = if *book == "disbursements" { world.agriculture() } else { lead.clone() };
            let answer = who.seen("\"1\"").upload(&format!("{}/{book}?dryRun=true", plan_path(&plan)), CSV, file).await;
            if told.is_empty() {
                assert_eq!((&answer.ok()["created"], &answer.body["planVersion"]), (&json!(1), &json!(1)));
                assert!(!answer.headers.contains_key("etag"), "nothing came to be");
            } else {
                assert_eq!((answer.status, answer.body["errors"][0]["inputs"]["column"].as_str()), (400, Some(told)), "{}", answer.text);
            }
        }
        let head = "amount,category,fiscalYear,id,budgetLevel,source,nature,supportKind\n";
        let rows = "5060000000,recurrent_support,,,,,recurrent,\n6615000000,infrastructure_and_processing,2022,,provincial,local_public_investment,investment,infrastructure\n";
        let file = format!("\u{feff}{head}{rows}");
        let dry = imported(&lead, &format!("{path}?dryRun=true"), CSV, file.as_bytes()).await;
        assert_eq!((report(&dry), &dry.body["dryRun"]), ([json!(2), json!(2), json!(0)], &json!(true)));
        assert_eq!(lead.get(&plan_path(&plan)).await.ok()["total"], plan["total"], "nothing is kept");
        assert_eq!(report(&imported(&lead, &path, CSV, file.as_bytes()).await), [json!(2), json!(2), json!(0)]);
        let kept = lead.get(&plan_path(&plan)).await.ok();
        assert_eq!((&kept["total"], &kept["estimateLines"][1]["fiscalYear"]), (&json!("11675000000"), &json!(2022)));

        let faulty = format!("{head}0,nonsense,x,,,,,\n-1,recurrent_support,1999,,moon,,,\n5,recurrent_support,2031,,,nonsense,,\n");
        let answer = imported(&lead, &path, CSV, faulty.as_bytes()).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), ["#cell=2,3 wrong_type", "#cell=3,1 wrong_pattern", "#cell=3,3 too_small", "#cell=3,5 not_in_enum", "#cell=4,3 outside_scheme", "#cell=4,6 unknown_reference"]);
        // What is wrong by itself is told before what depends on what is recorded: another plan, another version.
        let misread = format!("{head}abc,,,,,,,\n");
        let wrong = ["#cell=2,1 wrong_pattern", "#cell=2,2 required"];
        let nowhere = "/v1/provincial-plans/0198f5a0-0000-7000-8000-000000000000/estimate-lines";
        for (path, version) in [(path.as_str(), "\"99\""), (nowhere, "\"1\"")] {
            let answer = lead.seen(version).upload(path, CSV, misread.clone().into_bytes()).await;
            assert_eq!((answer.status, answer.faults()), (400, wrong.map(str::to_owned).to_vec()), "{path}");
            let status = lead.seen(version).upload(path, CSV, format!("{head}{rows}").into_bytes()).await.status;
            assert_eq!(status, if path == nowhere { 404 } else { 412 }, "what is right is held against what is recorded");
        }
        // What is wrong by itself hides nothing that breaks a rule elsewhere.
        let both = format!("{head}\n\n0,recurrent_support,,,,,,\n-1,recurrent_support,,nothing,,nonsense,,\n5,recurrent_support,2031,,,nonsense,,\n");
        let answer = imported(&lead, &path, CSV, both.as_bytes()).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), ["#cell=4,1 amount_not_positive", "#cell=5,1 wrong_pattern", "#cell=5,4 unknown_reference", "#cell=6,3 outside_scheme", "#cell=6,6 unknown_reference"]);
        let unruly = format!("{head}0,recurrent_support,,,,,,\n5,recurrent_support,2031,,,nonsense,,\n");
        let answer = imported(&lead, &path, CSV, unruly.as_bytes()).await;
        answer.refused(400, "outside_scheme");
        assert_eq!(answer.faults(), ["#cell=2,1 amount_not_positive", "#cell=3,3 outside_scheme", "#cell=3,6 unknown_reference"]);
        assert!(answer.body["errors"][0]["message"].as_str().unwrap().contains("cột"));
        lead.seen("\"9\"").upload(&path, CSV, file.clone().into_bytes()).await.refused(412, "stale");
        lead.upload(&path, CSV, file.clone().into_bytes()).await.refused(428, "precondition_required");
        let tried = format!("{path}?dryRun=true");
        lead.upload(&tried, CSV, file.clone().into_bytes()).await.refused(428, "precondition_required");
        lead.seen("\"9\"").upload(&tried, CSV, file.clone().into_bytes()).await.refused(412, "stale");
        imported(&lead, &path, "application/json", b"{}").await.refused(415, "unsupported_media_type");
        imported(&world.someone(Role::Finance, "89"), &path, CSV, file.as_bytes()).await.refused(403, "forbidden");
        imported(&world.someone(Role::LeadAgency, "01"), &path, CSV, file.as_bytes()).await.refused(404, "not_found");
    }
}

scenario! {
    /// The rows of one number and date are one decision; a file with one fault drafts nothing.
    async fn allocations_come_from_a_file_all_or_none(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let lead = world.someone(Role::LeadAgency, "89").with("accept-language", "en");
        let path = books_of(&plan)[1].clone();
        let head = "allocation,decisionNumber,decisionDate,entry,line,amount,supportKind,implementingAgency,pilot,fiscalYear";
        let row = |number: &str, amount: &str, kind: &str| format!(",{number},2022-01-20,,{line},{amount},{kind},{AGRICULTURE},,2022");
        let file = [head.to_owned(), row("1/QĐ", "1000000000", "training"), row("2/QĐ", "7", "consulting"), row("1/QĐ", "2", "consulting")].join("\n");
        assert_eq!(report(&imported(&lead, &format!("{path}?dryRun=true"), CSV, file.as_bytes()).await), [json!(3), json!(3), json!(0)]);
        assert_eq!(lead.get("/v1/budget-allocations").await.ok()["items"], json!([]));
        assert_eq!(report(&imported(&lead, &path, CSV, file.as_bytes()).await), [json!(3), json!(3), json!(0)]);
        assert_eq!(report(&imported(&lead, &path, CSV, file.as_bytes()).await), [json!(3), json!(0), json!(3)]);
        let drafts = lead.get("/v1/budget-allocations").await.ok()["items"].clone();
        let shapes: Vec<_> = drafts.as_array().unwrap().iter()
            .map(|draft| (draft["state"].as_str().unwrap(), draft["entries"].as_array().unwrap().len())).collect();
        assert_eq!(shapes, [("draft", 2), ("draft", 1)]);
        // Who imports drafts, and does not approve.
        let importer = world.person(Role::PeoplesCommittee, "89", "lead-agency@89");
        importer.step(&allocation_path(&drafts[0]), "approvals", &json!({})).await.refused(409, "four_eyes");

        let changed = file.replace("consulting", "communication");
        let good = row("3/QĐ", "5", "training");
        let answer = imported(&lead, &path, CSV, format!("{changed}\n{good}").as_bytes()).await;
        answer.refused(409, "already_exists");
        assert_eq!(answer.faults(), ["#cell=2,2 already_exists", "#cell=3,2 already_exists"]);
        let over = [head.to_owned(), row("4/QĐ", "5000000000", "training"), row("4/QĐ", "61000000", "nonsense"), row("5/QĐ", "5060000001", "training"), good].join("\n");
        let answer = imported(&lead, &path, CSV, over.as_bytes()).await;
        assert_eq!(answer.faults(), ["#cell=3,7 unknown_reference", "#cell=4,6 line_exceeded"]);
        assert!(answer.body["errors"][1]["message"].as_str().unwrap().contains("Row 4, column amount: "), "{}", answer.text);
        let invalid = [head.to_owned(), row("6/QĐ", "-5", "training"), row("7/QĐ", "", "training"), row("", "5", "training")].join("\n");
        let answer = imported(&lead, &path, CSV, invalid.as_bytes()).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), ["#cell=2,6 wrong_pattern", "#cell=3,6 required", "#cell=4,2 required"]);
        // A decision that is older than the plan, and than every list of codes: it is the date that is wrong.
        let early = [head.to_owned(), row("8/QĐ", "5", "training").replace("2022-01-20", "2010-01-20")].join("\n");
        let answer = imported(&lead, &path, CSV, early.as_bytes()).await;
        answer.refused(409, "step_predated");
        assert_eq!(answer.faults(), ["#cell=2,3 step_predated"]);
        imported(&lead, &path, CSV, b"colour\nred\n").await.refused(400, "invalid_body");
        imported(&lead, &path, XLSX, b"junk").await.refused(400, "invalid_body");
        assert_eq!(lead.get("/v1/budget-allocations?count=exact").await.ok()["count"], 2);
    }
}

scenario! {
    /// Payments and corrections of the same file, by voucher, under the rules of each single one.
    async fn disbursements_come_from_a_file_all_or_none(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line, 1_000)]).await;
        let (part, path) = (allocation["entries"][0]["id"].as_str().unwrap(), books_of(&plan)[2].clone());
        let accountant = world.agriculture().with("accept-language", "en");
        let head = "id,entry,amount,voucherNumber,voucherDate,corrects,reason";
        let paid = |amount: &str, voucher: &str| format!(",{part},{amount},{voucher},2022-03-01,,");
        let back = |amount: &str, voucher: &str, corrects: &str| format!(",{part},{amount},{voucher},2022-04-01,{corrects},Sai");
        let file = [head.to_owned(), paid("400000000", "CT-1"), paid("500000000", "CT-2"), back("-100000000", "DC-1", "CT-1")].join("\n");
        assert_eq!(report(&imported(&accountant, &path, CSV, file.as_bytes()).await), [json!(3), json!(3), json!(0)]);
        assert_eq!(report(&imported(&accountant, &path, CSV, file.as_bytes()).await), [json!(3), json!(0), json!(3)]);
        let allocation_path = allocation_path(&allocation);
        let after = accountant.get(&allocation_path).await;
        assert_eq!((&after.ok()["disbursed"], &after.body["remaining"]), (&json!("800000000"), &json!("200000000")));

        let faulty = [
            head.to_owned(), paid("200000000", "CT-3"), paid("1", "CT-4"), back("-300000001", "DC-2", "CT-1"),
            back("-1", "DC-3", "nowhere"), paid("999", "CT-1"), paid("0", "CT-5"),
        ];
        let answer = imported(&accountant, &path, CSV, faulty.join("\n").as_bytes()).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), [
            "#cell=3,3 allocation_exceeded", "#cell=4,3 correction_exceeded", "#cell=5,6 unknown_reference",
            "#cell=6,4 already_exists", "#cell=7,3 wrong_pattern",
        ]);
        let told = answer.body["errors"].as_array().unwrap().iter().map(|fault| fault["message"].as_str().unwrap());
        assert!(told.into_iter().any(|message| message.contains("has 0 đồng left")), "{}", answer.text);
        let refused = imported(&accountant, &path, CSV, faulty[..3].join("\n").as_bytes()).await;
        refused.refused(409, "allocation_exceeded");
        assert_eq!(accountant.get(&allocation_path).await.ok(), after.body, "all or none");

        let lead = world.someone(Role::LeadAgency, "89");
        let theirs = [head.to_owned(), paid("1", "CT-9")].join("\n");
        let answer = imported(&lead, &path, CSV, theirs.as_bytes()).await;
        answer.refused(409, "not_responsible");
        assert_eq!(answer.faults(), ["#cell=2,2 not_responsible"], "whose account is in the column of the entry");
        let sums = lead.get("/v1/budget-summaries").await.ok();
        assert_eq!(sums["budget"]["total"]["disbursed"], "800000000");
        // A repeat under the same key is answered from the store; other bytes under it are refused.
        let retrying = accountant.with("idempotency-key", "one");
        let more = [head.to_owned(), paid("5", "CT-6")].join("\n");
        let (first, second) = (imported(&retrying, &path, CSV, more.as_bytes()).await, imported(&retrying, &path, CSV, more.as_bytes()).await);
        assert_eq!((report(&first), first.body), (report(&second), second.body));
        imported(&retrying, &path, CSV, file.as_bytes()).await.refused(409, "idempotency_key_reused");
    }
}

scenario! {
    /// A schedule, and the need that is served, go out and come in; a file of before these columns still says what is there.
    async fn schedules_and_needs_go_out_and_come_in(world) {
        let pilot = world.given_pilots(1).await.remove(0);
        let need = world.given_appraised_need(&pilot, &[needed("training", "recurrent", &[(2022, 50)])]).await;
        let committee = world.someone(Role::PeoplesCommittee, "89");
        committee.step(&need_path(&need), "approvals", &approval(&json!([{"item": 1}]))).await.ok();
        let plan = world.given_standing_plan().await;
        let line = line_of(&plan, RECURRENT);
        let mut part = entry(&line, 30);
        part["pilot"] = pilot["id"].clone();
        part["need"] = json!({"supportNeed": need["id"], "item": 1});
        part["schedule"] = json!([{"dueOn": "2022-06-30", "amount": "10000000"}, {"dueOn": "2022-12-31", "amount": "20000000"}]);
        let mut body = new_allocation(&plan, "1/QĐ-UBND", &[part.clone(), entry(&line, 5)]);
        body["decisionDate"] = json!("2022-03-15");
        let draft = world.someone(Role::LeadAgency, "89").post("/v1/budget-allocations", &body).await.created();
        let (lead, path) = (world.someone(Role::LeadAgency, "89").with("accept-language", "en"), books_of(&plan)[1].clone());
        for kind in [CSV, XLSX] {
            let file = exported(&lead, &path, kind).await;
            assert_eq!(report(&imported(&lead, &path, kind, &file).await), [json!(2), json!(0), json!(2)]);
        }
        let text = String::from_utf8(exported(&lead, &path, CSV).await).unwrap();
        assert!(text.contains(",2022-06-30=10000000; 2022-12-31=20000000,"), "{text}");
        let older: String = text.lines().map(|row| format!("{}\n", row.split(',').take(10).collect::<Vec<_>>().join(","))).collect();
        assert_eq!(report(&imported(&lead, &path, CSV, older.as_bytes()).await), [json!(2), json!(0), json!(2)]);

        let record = allocation_path(&draft);
        lead.seen("\"1\"").delete(&record).await.ok();
        // Ids are given here: a decision that is recorded anew gets its own.
        imported(&lead, &path, CSV, text.as_bytes()).await.refused(400, "unknown_reference");
        let nameless = |row: &str| {
            let mut cells: Vec<&str> = row.split(',').collect();
            (cells[0], cells[3]) = ("", "");
            cells.join(",")
        };
        let (head, rows) = text.split_once("\r\n").unwrap();
        let text = format!("{head}\r\n{}\r\n", rows.lines().map(nameless).collect::<Vec<_>>().join("\r\n"));
        assert_eq!(report(&imported(&lead, &path, CSV, text.as_bytes()).await), [json!(2), json!(2), json!(0)]);
        let again = lead.get("/v1/budget-allocations").await.ok()["items"][0].clone();
        assert_eq!((&again["entries"][0]["schedule"], &again["entries"][0]["need"]), (&part["schedule"], &part["need"]));
        assert_eq!(again["entries"][1]["schedule"], json!([]));
        let faulty = text.replace("1/QĐ-UBND", "2/QĐ-UBND").replace("2022-12-31=20000000", "2022-13-31=2x").replace(",1\r\n", ",x\r\n");
        let answer = imported(&lead, &path, CSV, faulty.as_bytes()).await;
        assert_eq!(answer.faults(), ["#cell=2,11 wrong_format", "#cell=2,11 wrong_pattern", "#cell=2,12 wrong_type"]);
        let over = text.replace("1/QĐ-UBND", "2/QĐ-UBND").replace("2022-12-31=20000000", "2022-12-31=20000001");
        let answer = imported(&lead, &path, CSV, over.as_bytes()).await;
        assert_eq!(answer.faults(), ["#cell=2,11 total_mismatch"]);
    }
}

scenario! {
    /// More records than are read at once: every row once, in order; and all of an export is one state of the books.
    async fn a_long_export_is_one_state_page_after_page(world) {
        let plan = world.given_plan("89").await;
        let (line, path) = (line_of(&plan, RECURRENT), books_of(&plan)[1].clone());
        let lead = world.someone(Role::LeadAgency, "89");
        let head = "decisionNumber,decisionDate,line,amount,supportKind,implementingAgency,pilot,fiscalYear,allocation,entry";
        let rows = (1..=450).map(|number| format!("{number}/QĐ,2022-01-20,{line},{number},training,{AGRICULTURE},,2022,,"));
        let file = std::iter::once(head.to_owned()).chain(rows).collect::<Vec<_>>().join("\n");
        assert_eq!(report(&imported(&lead, &path, CSV, file.as_bytes()).await), [json!(450), json!(450), json!(0)]);
        let text = String::from_utf8(exported(&lead, &path, CSV).await).unwrap();
        let amounts: Vec<u32> = text.lines().skip(1).map(|row| row.split(',').nth(5).unwrap().parse().unwrap()).collect();
        assert_eq!(amounts, (1..=450).collect::<Vec<_>>());
        let sheet = exported(&lead, &path, XLSX).await;
        assert_eq!(report(&imported(&lead, &path, XLSX, &sheet).await), [json!(450), json!(0), json!(450)]);
        // In parts that an import takes: one, and none after it.
        let first = String::from_utf8(exported(&lead, &format!("{path}?part=1"), CSV).await).unwrap();
        let second = String::from_utf8(exported(&lead, &format!("{path}?part=2"), CSV).await).unwrap();
        assert_eq!((first == text, second.lines().count()), (true, 1));
        lead.with("accept", CSV).get(&format!("{path}?part=0")).await.refused(400, "invalid_query");

        let snapshot = world.sarus.store.snapshot().await.unwrap();
        let id = plan["id"].as_str().unwrap().parse().unwrap();
        let first = books::page_of_plan(&snapshot, &Scope::Country, id, None, 200).await.unwrap();
        world.given_allocation_draft(&plan, "451/QĐ", &[entry(&line, 1)]).await;
        let (mut seen, mut last) = (first.len(), first.last().map(|one| one.id));
        while let Some(after) = last {
            let page = books::page_of_plan(&snapshot, &Scope::Country, id, Some(after), 200).await.unwrap();
            (seen, last) = (seen + page.len(), page.last().map(|one| one.id));
        }
        assert_eq!(seen, 450, "what was drafted meanwhile is of the next state");
        drop(snapshot);
        let text = String::from_utf8(exported(&lead, &path, CSV).await).unwrap();
        assert_eq!(text.lines().count(), 452);
    }
}

scenario! {
    /// Numbers that look like formulas come back as they were: the file of a book is never new, in no format.
    async fn an_apostrophe_of_ones_own_posts_nothing_twice(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let allocation = world.given_allocation(&plan, "'=1/QĐ", &[entry(&line, 1_000)]).await;
        let (lead, accountant) = (world.someone(Role::LeadAgency, "89"), world.agriculture());
        let path = allocation_path(&allocation);
        for voucher in ["'=A", "''+B", "'-5", "-5", "'C"] {
            accountant.step(&path, "disbursements", &payment(&allocation, voucher, 10)).await.ok();
        }
        for kind in [CSV, XLSX] {
            for ((path, who), rows) in books_of(&plan).iter().zip([&lead, &lead, &accountant]).zip([3, 1, 5]) {
                let file = exported(who, path, kind).await;
                assert_eq!(report(&imported(who, path, kind, &file).await), [json!(rows), json!(0), json!(rows)], "{path} {kind}");
            }
        }
        assert_eq!(lead.get(&path).await.ok()["disbursed"], "50000000");

        // A file brings ids back, it does not give them; and a row says one thing.
        let part = allocation["entries"][0]["id"].as_str().unwrap();
        let books = books_of(&plan);
        let file = format!(
            "id,entry,amount,voucherNumber,voucherDate,corrects,reason\ngarbage,{part},1,N-1,2022-03-01,,\n\n             ,{part},5,N-2,2022-03-01,''+B,Sai\n,{part},5,N-3,2022-03-01,,Sai\n,{part},-5,N-4,2022-03-01,,Sai\n"
        );
        let answer = imported(&accountant, &books[2], CSV, file.as_bytes()).await;
        answer.refused(400, "invalid_body");
        assert_eq!(answer.faults(), ["#cell=2,1 unknown_reference", "#cell=4,3 contradiction", "#cell=5,7 contradiction", "#cell=6,6 required"]);
        let file = format!(
            "allocation,decisionNumber,decisionDate,entry,line,amount,supportKind,implementingAgency,pilot,fiscalYear\n             {part},9/QĐ,2022-01-20,garbage,{line},1,training,{AGRICULTURE},,2022\n"
        );
        let answer = imported(&lead, &books[1], CSV, file.as_bytes()).await;
        answer.refused(400, "unknown_reference");
        assert_eq!(answer.faults(), ["#cell=2,1 unknown_reference", "#cell=2,4 unknown_reference"]);
    }
}

scenario! {
    /// A file of the most rows is read, however long its words; a request that is no file is not.
    async fn a_file_of_the_most_rows_is_read(world) {
        let plan = world.given_plan("89").await;
        let line = line_of(&plan, RECURRENT);
        let lead = world.someone(Role::LeadAgency, "89");
        let head = "allocation,decisionNumber,decisionDate,entry,line,amount,supportKind,implementingAgency,pilot,fiscalYear\n";
        let row = |number: usize| format!(",{number}/QĐ-UBND ngày 20 tháng 01 năm 2022,2022-01-20,,{line},1,nonsense,{AGRICULTURE},,2022\n");
        let file = head.to_owned() + &(0..10_000).map(row).collect::<String>();
        assert!(file.len() > 1024 * 1024);
        let answer = imported(&lead, &books_of(&plan)[1], CSV, file.as_bytes()).await;
        answer.refused(400, "unknown_reference");
        let faults = answer.body["errors"].as_array().unwrap();
        let more: Vec<_> = faults.iter().filter(|fault| fault["code"] == "more_faults").collect();
        assert_eq!((faults.len(), more.len(), &more[0]["inputs"]["more"]), (200, 1, &json!("9801")));
        let long = json!({"name": "a".repeat(1024 * 1024)});
        lead.post("/v1/provincial-plans", &long).await.refused(413, "payload_too_large");
    }
}

scenario! {
    /// A year's vouchers of one entry in one file: each adds to the total of the one before, and the total is their sum.
    async fn a_long_book_of_one_entry_is_posted_as_a_whole(world) {
        let plan = world.given_plan("89").await;
        let allocation = world.given_allocation(&plan, "1/QĐ-UBND", &[entry(&line_of(&plan, RECURRENT), 1_000)]).await;
        let part = allocation["entries"][0]["id"].as_str().unwrap();
        let row = |number: usize| format!(",{part},450000,CT-{number},2022-03-01,,\n");
        let file = "id,entry,amount,voucherNumber,voucherDate,corrects,reason\n".to_owned() + &(0..2_000).map(row).collect::<String>();
        let (accountant, path) = (world.agriculture(), books_of(&plan)[2].clone());
        assert_eq!(report(&imported(&accountant, &path, CSV, file.as_bytes()).await), [json!(2_000), json!(2_000), json!(0)]);
        assert_eq!(accountant.get(&allocation_path(&allocation)).await.ok()["disbursed"], "900000000");
        totals_are_sums(&world.sarus.store).await;
        // One voucher more than the entry has: none of the file is posted.
        let file = format!("id,entry,amount,voucherNumber,voucherDate,corrects,reason\n,{part},100000000,A,2022-03-01,,\n,{part},1,B,2022-03-01,,\n");
        let over = imported(&accountant, &path, CSV, file.as_bytes()).await;
        over.refused(409, "allocation_exceeded");
        assert_eq!(over.faults(), ["#cell=3,3 allocation_exceeded"]);
        assert_eq!(accountant.get(&allocation_path(&allocation)).await.ok()["disbursed"], "900000000");
    }
}

//! API1:2023, broken object level authorization: an identifier is no permission.

use sarus::domain::role::Role;
use serde_json::json;

use crate::support::given_evaluations::new_evaluation;
use crate::support::given_pilots::{id_of, new_application};
use crate::support::world::new_cooperative;

scenario! {
    /// Whoever learns the identifier of another's record gets the answer for one that does not exist.
    async fn the_record_of_another_is_not_there(world) {
        let mine = world.given_cooperative("888", "1600000011").await;
        let theirs = world.given_cooperative("888", "1600000021").await;
        let (me, them) = (world.cooperative(&id_of(&mine)), world.cooperative(&id_of(&theirs)));
        let evaluation = them.post("/v1/evaluations", &new_evaluation(&id_of(&theirs), 2020, "self", 7000)).await.created();
        let cooperative = format!("/v1/cooperatives/{}", id_of(&theirs));
        let evaluation = format!("/v1/evaluations/{}", id_of(&evaluation));
        them.get(&evaluation).await.ok();
        let unknown = me.get("/v1/evaluations/01920a5c-8f2e-7b3d-9c41-5f6e7a8b9c0d").await.refused(404, "not_found");
        let answer = me.get(&evaluation).await.refused(404, "not_found");
        assert_eq!((&answer["title"], &answer["detail"]), (&unknown["title"], &unknown["detail"]), "the two look alike");
        for path in ["allowed-actions", "comparisons", "endorsements", "submissions"] {
            me.get(&format!("{evaluation}/{path}")).await.refused(404, "not_found");
        }
        let me = me.seen("\"1\"");
        me.patch(&evaluation, &json!({"year": 2021})).await.refused(404, "not_found");
        me.delete(&evaluation).await.refused(404, "not_found");
        let endorsement = json!({"board": "board_of_directors", "opinion": "agreed", "endorsedOn": "2020-12-10"});
        me.post(&format!("{evaluation}/endorsements"), &endorsement).await.refused(404, "not_found");
        me.post(&format!("{evaluation}/submissions"), &json!({"submittedOn": "2020-12-12"})).await.refused(404, "not_found");
        me.put(&format!("{cooperative}/annual-figures/2020"), &json!({"status": "final", "members": 1})).await.refused(404, "not_found");
        them.get(&evaluation).await.ok();
    }
}

scenario! {
    /// Nor does a reference in a body, a filter or a stream lead to it.
    async fn no_detour_leads_to_it(world) {
        let mine = world.given_cooperative("888", "1600000011").await;
        let theirs = world.given_cooperative("888", "1600000021").await;
        let me = world.cooperative(&id_of(&mine));
        me.post("/v1/evaluations", &new_evaluation(&id_of(&theirs), 2020, "self", 7000)).await.refused(400, "unknown_reference");
        me.post("/v1/applications", &new_application(&id_of(&theirs))).await.refused(400, "unknown_reference");
        let only_mine = |answer: serde_json::Value| {
            assert_eq!(answer["items"].as_array().unwrap().len(), 1, "{answer}");
            assert_eq!(answer["items"][0]["id"], mine["id"]);
        };
        only_mine(me.get("/v1/cooperatives").await.ok());
        assert_eq!(me.get("/v1/cooperatives?count=exact").await.ok()["count"], 1, "nor are others counted");
        assert_eq!(me.get("/v1/cooperatives?taxCode=1600000021").await.ok()["items"], json!([]));
        let lines = me.with("accept", "application/x-ndjson").get("/v1/cooperatives").await;
        assert!(lines.text.contains("1600000011") && !lines.text.contains("1600000021"), "{}", lines.text);
        // A cursor that another caller was given continues the caller's own list.
        world.given_cooperative("888", "1600000031").await;
        let locality = world.someone(Role::Locality, "888");
        let next = locality.get("/v1/cooperatives?limit=1").await.ok()["links"]["next"].as_str().unwrap().to_owned();
        let continued = me.get(&next).await.ok();
        assert!(continued["items"].as_array().unwrap().iter().all(|item| item["id"] == mine["id"]), "{continued}");
        // What was answered to one under a key is not answered to another under the same key.
        let keyed = world.someone(Role::Locality, "888").with("idempotency-key", "k");
        keyed.post("/v1/cooperatives", &new_cooperative("888", "1600000041")).await.created();
        let stranger = world.someone(Role::Locality, "883").with("idempotency-key", "k");
        stranger.post("/v1/cooperatives", &new_cooperative("888", "1600000041")).await.refused(409, "not_responsible");
    }
}

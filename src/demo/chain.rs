//! The whole chain, and what is handed to whoever watched it.

use super::stage::{DemoError, Stage};
use super::{first_half, reform, second_half};
use crate::domain::role::Role;

/// Plays the chain from the provincial plan to the ministry's aggregate, and on across the reform of 2025.
///
/// # Errors
/// A step was refused.
pub(super) async fn play(stage: &mut Stage) -> Result<(), DemoError> {
    let first = first_half::play(stage).await?;
    second_half::play(stage, &first).await?;
    reform::play(stage, &first).await
}

/// Prints the address of the documentation and tokens to try it with.
///
/// # Errors
/// A token cannot be issued.
pub(super) fn print_tokens(stage: &Stage) -> Result<(), DemoError> {
    println!("\nSarus keeps serving. Documentation: {}/docs", stage.base);
    println!("Tokens, good for twelve hours:");
    let people = [
        (Role::LeadAgency, Some("89")),
        (Role::PeoplesCommittee, Some("89")),
        (Role::Finance, Some("89")),
        (Role::CooperativeAlliance, Some("89")),
        (Role::Locality, Some("888")),
        (Role::LineDepartment, Some("89")),
        (Role::Ministry, None),
    ];
    for (role, unit) in people {
        let person = stage.person(role, unit)?;
        println!("\n{}\n{}", person.subject, person.token);
    }
    println!("\nTry: curl -H \"Authorization: Bearer $TOKEN\" {}/v1/me", stage.base);
    Ok(())
}

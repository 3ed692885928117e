//! Refresh keys that leaked.

use super::*;
use crate::family::Epoch;

#[tokio::test]
async fn a_revoked_refresh_key_is_known_to_every_process_and_after_a_restart_and_a_rotation() {
    let office = Office::new();
    let store = office.store();
    let (keyring, beside) = (office.keyring(&store).await, office.keyring(&store).await);
    assert_eq!(keyring.refresh_epochs(), RefreshEpochs::default());
    let revoked = keyring.revoke_refresh_epoch(&store, Epoch(0), NOW, &office.entropy).await.unwrap();
    let stands = RefreshEpochs { lowest: Epoch(1), since: Some(NOW) };
    assert_eq!(revoked, EpochRevocation::Done(stands));
    assert!(beside.reload(&store, NOW).await.unwrap());
    assert_eq!(beside.refresh_epochs(), stands);
    let later = NOW.plus(Duration::from_hours(24));
    beside.rotate(&store, &[Format::Jwt], later, &office.entropy).await.unwrap();
    let restarted = office.keyring(&store).await;
    assert_eq!(restarted.refresh_epochs(), stands);
    let again = restarted.revoke_refresh_epoch(&store, Epoch(0), later, &office.entropy).await.unwrap();
    assert_eq!(again, EpochRevocation::Already(stands));
    let unused = restarted.revoke_refresh_epoch(&store, Epoch(2), later, &office.entropy).await;
    assert_eq!(unused, Err(RevokeEpochError::Unknown { epoch: 2, current: 1 }));
}

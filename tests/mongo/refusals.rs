//! Servers that cannot be used, and homes that share one.

use mongodb::bson::doc;
use xt::model::Status;
use xt::store::mongo::Mongo;
use xt::store::{Records, RunQuery, StoreError};

use crate::{change, collection, paths, server, submission};

// Proves P8, P10: what is wrong is told, with where, and without the password.
#[test]
fn a_server_that_cannot_be_had_is_told_without_its_password() {
    let unreachable = "mongodb://me:hunter2@127.0.0.1:1/team?serverSelectionTimeoutMS=200";
    let error = Mongo::open(unreachable, "home").err().unwrap();
    assert!(matches!(error, StoreError::Unreachable { .. }) && error.is_passing(), "{error:?}");
    let text = error.to_string();
    assert!(text.starts_with("the store 127.0.0.1:1/team cannot be reached"), "{text}");
    let nonsense = Mongo::open("mongodb://me:hunter2@/@@", "home").err().unwrap();
    let wrong =
        server::database().replace("mongodb://", "mongodb://me:hunter2@") + "?serverSelectionTimeoutMS=2000";
    let denied = Mongo::open(&wrong, "home").err().unwrap();
    assert!(matches!(denied, StoreError::Denied { .. }), "{denied:?}");
    for error in [error, nonsense, denied] {
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}

// Proves P11: a store of a later version is left alone.
#[test]
fn a_newer_store_is_refused() {
    let url = server::database();
    drop(Mongo::open(&url, "home").unwrap());
    let info = collection(&url, "__mongo_info__");
    info.update_one(doc! { "_id": "xt" }, doc! { "$set": { "version": 99_i64 } }).run().unwrap();
    let error = Mongo::open(&url, "home").err().unwrap().to_string();
    assert!(error.contains("has version 99, and this xt knows versions up to 1"), "{error}");
}

// Proves P1: a controller gets the runs of its own home and no colleague's, who sees them all the same.
#[test]
fn homes_that_share_a_store_start_their_own_runs() {
    let url = server::database();
    let (mine, yours) = (Mongo::open(&url, "mine").unwrap(), Mongo::open(&url, "yours").unwrap());
    let submitted = mine.submit(&submission("ws1", 2)).unwrap();
    let runs = paths("ws1", &submitted);
    assert_eq!(yours.startable_jobs(&[], 9).unwrap(), []);
    assert!(!yours.has_work().unwrap() && mine.has_work().unwrap());
    assert_eq!(mine.startable_jobs(&[], 9).unwrap(), [submitted.job]);
    let mut claim = change(&runs[0], Status::Queued, Status::Spawning);
    claim.patch.box_name = Some("here".into());
    assert_eq!(mine.change_runs(&[claim]).unwrap(), [true]);
    assert_eq!((mine.active_runs().unwrap().len(), yours.active_runs().unwrap().len()), (1, 0));
    assert_eq!(yours.runs(&RunQuery::default()).unwrap().len(), 2);

    // What a colleague cancels is its controller's to end.
    let mut cancel = change(&runs[0], Status::Spawning, Status::Spawning);
    cancel.patch.status = None;
    cancel.patch.cancel_time = Some(xt::model::Time::now());
    assert_eq!(yours.change_runs(&[cancel]).unwrap(), [true]);
    assert_eq!((mine.cancelled_runs().unwrap().len(), yours.cancelled_runs().unwrap().len()), (1, 0));
}

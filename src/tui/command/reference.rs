//! The keys page of the web site, from the registry.

use super::{Group, REGISTRY};
use crate::help::reference::{KeyGroup, KeyHelp};

/// Every command with its default keys, in the groups of the help.
pub fn keys() -> Vec<KeyGroup> {
    let of = |group: Group| REGISTRY.iter().filter(move |entry| entry.group == group);
    let groups = Group::ALL.into_iter().map(|group| KeyGroup {
        title: group.title().to_owned(),
        keys: of(group)
            .map(|entry| KeyHelp {
                keys: entry.keys.iter().map(|key| (*key).to_owned()).collect(),
                command: entry.name.to_owned(),
                doc: entry.doc.to_owned(),
            })
            .collect(),
    });
    groups.collect()
}

//! `xt create share`, `xt list shares`, `xt delete share`: files that belong to no workspace.

use crate::model::names::{nearest, visible};
use crate::ops::files::FilesLock;
use crate::ops::{Context, OpsError, Result};
use crate::store::StoreError;
use crate::store::blobs::{Address, Depth, Entry};

/// A share's container is called so around its name.
const MARKS: (&str, &str) = ("xts-", "-xts");

/// The container of a share, which the share gives its name to: what every kind of store can have.
fn container(name: &str) -> Result<String> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=55).contains(&name.len())
        && name.bytes().all(plain)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.contains("--");
    if !fits {
        return Err(OpsError::Refused(format!(
            "`{}` cannot be the name of a share: up to 55 lowercase letters, digits and single hyphens",
            visible(name)
        )));
    }
    Ok(format!("{}{name}{}", MARKS.0, MARKS.1))
}

/// The container of a share that must be there.
pub fn existing(ctx: &Context, name: &str) -> Result<String> {
    let container = container(name)?;
    let all = names(ctx)?;
    if all.iter().any(|share| share == name) {
        return Ok(container);
    }
    let near = nearest(name, all.iter().map(String::as_str)).map(str::to_owned);
    Err(OpsError::Missing { what: "share", name: name.to_owned(), nearest: near })
}

/// Makes a share.
pub fn create(ctx: &Context, name: &str) -> Result<()> {
    if ctx.files()?.create_container(&container(name)?)? {
        return Ok(());
    }
    Err(StoreError::Exists { what: "share", name: name.to_owned(), hint: String::new() }.into())
}

/// The names of the shares, in order.
pub fn names(ctx: &Context) -> Result<Vec<String>> {
    let containers = ctx.files()?.containers(MARKS.0)?;
    let name = |container: &String| Some(container.strip_prefix(MARKS.0)?.strip_suffix(MARKS.1)?.to_owned());
    Ok(containers.iter().filter_map(name).collect())
}

/// What would go with a share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Looks what a share holds.
pub fn plan(ctx: &Context, name: &str) -> Result<Plan> {
    let at = Address::new(existing(ctx, name)?, "");
    let mut plan = Plan { name: name.to_owned(), blobs: 0, bytes: 0 };
    ctx.files()?.list(&at, Depth::All, &mut |entry| {
        if let Entry::Blob(blob) = entry {
            plan.blobs += 1;
            plan.bytes += blob.size;
        }
        Ok(())
    })?;
    Ok(plan)
}

/// Deletes a share with all that is in it.
pub fn execute(ctx: &Context, plan: &Plan) -> Result<()> {
    let _lock = FilesLock::moving(ctx)?;
    ctx.files()?.delete_container(&container(&plan.name)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;

    // Proves A9, B37: shares are made, listed and deleted by name, and a mistyped one is told the nearest.
    #[test]
    fn shares_come_and_go() {
        let world = World::new();
        let ctx = &world.ctx;
        create(ctx, "data").unwrap();
        create(ctx, "models").unwrap();
        assert_eq!(create(ctx, "data").unwrap_err().to_string(), "there is a share `data` already");
        assert_eq!(names(ctx).unwrap(), ["data", "models"]);
        let at = Address::new(existing(ctx, "data").unwrap(), "a/b");
        ctx.files().unwrap().put(&at, b"four").unwrap();
        let told = existing(ctx, "date").unwrap_err().to_string();
        assert_eq!(told, "there is no share `date`; did you mean `data`?");
        let plan = plan(ctx, "data").unwrap();
        assert_eq!((plan.blobs, plan.bytes), (1, 4));
        execute(ctx, &plan).unwrap();
        assert_eq!(names(ctx).unwrap(), ["models"]);
        for wrong in ["", "A", "a/b", "..", "-a", "a--b", "ü"] {
            assert!(create(ctx, wrong).unwrap_err().to_string().contains("cannot be the name"), "{wrong}");
        }
    }
}

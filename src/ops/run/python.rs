//! The Python client, which comes with the program.

use crate::node::Layout;
use crate::ops::Result;
use crate::store::code::write_whole;

/// The package's files.
const FILES: [(&str, &str); 7] = [
    ("__init__.py", include_str!("../../../assets/python/xt/__init__.py")),
    ("events.py", include_str!("../../../assets/python/xt/events.py")),
    ("files.py", include_str!("../../../assets/python/xt/files.py")),
    ("program.py", include_str!("../../../assets/python/xt/program.py")),
    ("run.py", include_str!("../../../assets/python/xt/run.py")),
    ("store.py", include_str!("../../../assets/python/xt/store.py")),
    ("values.py", include_str!("../../../assets/python/xt/values.py")),
];

/// Puts the package where runs find it, unless it is there.
pub fn install(layout: &Layout) -> Result<()> {
    for (name, text) in FILES {
        let path = layout.python().join("xt").join(name);
        let is_there = std::fs::metadata(&path).is_ok_and(|meta| meta.len() == text.len() as u64);
        if !is_there {
            write_whole(&path, text.as_bytes())?;
        }
    }
    Ok(())
}

//! stand-in
#![allow(missing_docs)]
pub mod home;
pub use home::{Home, HomeError};
#[derive(Clone, Debug, Default)]
pub struct Config {
    pub general: General,
    pub code: Code,
    pub after_files: AfterFiles,
    pub internal: Internal,
    pub boxes: std::collections::BTreeMap<String, BoxEntry>,
}
#[derive(Clone, Debug)]
pub struct General {
    pub username: Option<String>,
    pub workspace: String,
    pub experiment: String,
    pub primary_metric: String,
    pub python_client: bool,
    pub retry_delay: f64,
    pub retry_delay_max: f64,
    pub kill_grace: f64,
    pub pass_env: Vec<String>,
    pub max_retries: u32,
}
impl Default for General {
    fn default() -> Self {
        Self {
            username: None,
            workspace: "ws1".into(),
            experiment: "exper1".into(),
            primary_metric: "test-acc".into(),
            python_client: true,
            retry_delay: 1.0,
            retry_delay_max: 300.0,
            kill_grace: 10.0,
            pass_env: vec![],
            max_retries: 0,
        }
    }
}
#[derive(Clone, Debug)]
pub struct Code {
    pub code_dirs: Vec<String>,
    pub code_omit: Vec<String>,
    pub code_upload: bool,
    pub max_size: u64,
}
impl Default for Code {
    fn default() -> Self {
        Self { code_dirs: vec!["$scriptdir/**".into()], code_omit: vec![], code_upload: true, max_size: 500 }
    }
}
#[derive(Clone, Debug, Default)]
pub struct AfterFiles {
    pub after_dirs: Vec<String>,
    pub after_omit: Vec<String>,
    pub after_upload: bool,
}
#[derive(Clone, Debug)]
pub struct Internal {
    pub controller_idle: f64,
    pub heartbeat: f64,
}
impl Default for Internal {
    fn default() -> Self {
        Self { controller_idle: 30.0, heartbeat: 5.0 }
    }
}
#[derive(Clone, Debug, Default)]
pub struct BoxEntry {
    pub max_runs: Option<u32>,
    pub gpus: Option<u32>,
}

//! What is kept between sessions: how the screen is divided, and how each workspace is looked at.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::filter::filter_of;
use super::layout::Layout;
use super::model::{Model, RunFilter};
use super::tab::Tab;
use crate::store::SortKey;

/// How the runs of a workspace are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    /// The filter as it was typed.
    pub filter: String,
    /// The field sorted by, and whether from the largest.
    pub sort: Option<(String, bool)>,
    /// The columns, if they are chosen.
    pub columns: Option<Vec<String>>,
}

/// The kept state. What an older or newer xt wrote is taken as far as it is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// How the screen is divided.
    pub layout: Layout,
    /// The tab of the detail pane.
    pub tab: Tab,
    /// Whether long lines of a log are cut instead of wrapped.
    pub unwrapped: bool,
    /// The views of the workspaces.
    pub views: BTreeMap<String, View>,
}

/// Views of so many workspaces are kept.
const VIEWS: usize = 1000;

impl Session {
    /// The state of a model, to be kept.
    pub fn of(model: &Model) -> Self {
        let mut views = model.views.clone();
        if let Some(ws) = &model.scope.ws {
            views.insert(ws.clone(), view(model));
        }
        views.retain(|_, view| *view != View::default());
        while views.len() > VIEWS {
            views.pop_first();
        }
        let mut layout = model.layout;
        layout.zoom = false;
        Self { layout, tab: model.detail.tab, unwrapped: !model.log.wrap, views }
    }

    /// Puts the kept state into a model that has shown nothing yet.
    pub fn restore(self, model: &mut Model) {
        model.layout = self.layout.checked();
        if !model.layout.shows(model.focus) {
            model.focus = model.layout.step(model.focus, true);
        }
        model.detail.tab = self.tab;
        model.log.wrap = !self.unwrapped;
        model.views = self.views;
        if let Some(ws) = model.scope.ws.clone() {
            open(model, &ws);
        }
    }
}

/// The view of the workspace that is shown.
fn view(model: &Model) -> View {
    View {
        filter: model.filter.text.clone(),
        sort: model.sort.as_ref().map(|sort| (sort.field.clone(), sort.descending)),
        columns: model.columns.clone(),
    }
}

/// Another workspace comes: the view of the one before is kept, and its own is taken.
pub fn turn(model: &mut Model, from: Option<&str>, to: Option<&str>) {
    if let Some(from) = from {
        let left = view(model);
        model.views.insert(from.to_owned(), left);
    }
    if let Some(to) = to {
        open(model, to);
    }
}

fn open(model: &mut Model, ws: &str) {
    let View { filter: text, sort, columns } = model.views.get(ws).cloned().unwrap_or_default();
    // A filter that is not understood any more is none.
    model.filter = match filter_of(&text) {
        Ok(filter) => RunFilter { text, filter },
        Err(_) => RunFilter::default(),
    };
    model.sort = sort.map(|(field, descending)| SortKey { field, descending });
    model.columns = columns;
}

#[cfg(test)]
mod tests {
    // Proves C1 (session restored: pane sizes, tab, filters).
    use super::*;
    use crate::tui::app::Pane;
    use crate::tui::testing::World;
    use proptest::prelude::*;

    #[test]
    fn a_session_comes_back_as_it_was_left() {
        let mut world = World::usual();
        let mut model = world.model((120, 40));
        world.press(&mut model, "/ r u n n i n g enter R + + 2 H 6");
        let text = serde_json::to_string(&Session::of(&model)).unwrap();
        let mut next = Model::new("local".into(), (120, 40)).on(Some("ws1".into()));
        serde_json::from_str::<Session>(&text).unwrap().restore(&mut next);
        assert_eq!((&next.filter, &next.sort), (&model.filter, &model.sort));
        assert!(next.filter.filter.is_some() && next.sort.is_some());
        assert!(!next.layout.shows(Pane::Jobs));
        assert_eq!((next.layout, next.detail.tab), (model.layout, Tab::Params));
        assert_eq!(Session::of(&next).views.len(), 1);
    }

    #[test]
    fn each_workspace_has_its_own_view() {
        let mut world = World::usual();
        let mut model = world.model((120, 40));
        world.press(&mut model, "/ e r r o r enter 1 g g");
        assert_eq!((model.scope.ws.as_deref(), model.filter.text.as_str()), (Some("curious"), ""));
        world.press(&mut model, "down");
        assert_eq!((model.scope.ws.as_deref(), model.filter.text.as_str()), (Some("ws1"), "error"));
    }

    #[test]
    fn what_is_not_understood_is_left_out() {
        let kept: Session =
            serde_json::from_str(r#"{"later": 1, "views": {"ws1": {"filter": "lr<"}}}"#).unwrap();
        let mut model = Model::new("local".into(), (80, 24)).on(Some("ws1".into()));
        kept.restore(&mut model);
        assert_eq!(model.filter, RunFilter::default());
    }

    proptest! {
        #[test]
        fn no_kept_layout_breaks_the_screen(left: i16, runs: i16, workspaces: i16, hidden: [bool; 4]) {
            let sizes = format!(r#""left": {left}, "runs": {runs}, "workspaces": {workspaces}"#);
            let text = format!(r#"{{"layout": {{{sizes}, "hidden": {hidden:?}}}}}"#);
            let mut model = World::usual().model((80, 24));
            serde_json::from_str::<Session>(&text).unwrap().restore(&mut model);
            crate::tui::testing::draw(&model, &crate::tui::theme::Theme::new(true, true));
            prop_assert!(model.layout.shows(model.focus));
        }
    }
}

//! Series of metrics made drawable: sparklines here, pyramids and rasters as charts need them. No UI.

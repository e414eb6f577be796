"""Reading the exchange workbook: cells become typed rows, or faults that name their place."""

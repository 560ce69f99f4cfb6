/** Formats a table: the first row is its head, columns are two spaces apart. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map(() => 0);
  for (const row of rows)
    for (let column = 0; column < widths.length; column++)
      widths[column] = Math.max(widths[column] ?? 0, row[column]?.length ?? 0);
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

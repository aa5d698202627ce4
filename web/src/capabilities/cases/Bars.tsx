/** A few numbers as bars. The table beside them says the same. */
interface BarsProps {
  label: string;
  bars: readonly { name: string; value: number; part?: number }[];
  /** Head of the column of names, of values, and of the parts of them, if there are. */
  heads: readonly [string, string, string?];
}

const [WIDTH, HEIGHT, GAP] = [44, 96, 6];

export function Bars({ label, bars, heads }: BarsProps) {
  const most = Math.max(1, ...bars.map(({ value }) => value));
  const tall = (value: number) => (value / most) * HEIGHT;
  return (
    <figure className="bars">
      <figcaption>{label}</figcaption>
      <svg aria-hidden="true" viewBox={`0 0 ${bars.length * (WIDTH + GAP)} ${HEIGHT}`} preserveAspectRatio="none">
        {bars.map(({ name, value, part = 0 }, index) => (
          <g key={name}>
            <rect x={index * (WIDTH + GAP)} y={HEIGHT - tall(value)} width={WIDTH} height={tall(value)} className="bar" />
            <rect x={index * (WIDTH + GAP)} y={HEIGHT - tall(part)} width={WIDTH} height={tall(part)} className="bar part" />
          </g>
        ))}
      </svg>
      <table>
        <thead>
          <tr>
            {heads.map((head) => (head === undefined ? null : <th key={head} scope="col">{head}</th>))}
          </tr>
        </thead>
        <tbody>
          {bars.map(({ name, value, part }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value}</td>
              {part !== undefined && <td>{part}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>RFC 3339 times as Go's time.Parse reads them, with its messages.</summary>
internal static class GoTime
{
    private const string Layout = "2006-01-02T15:04:05Z07:00";
    private const string MicroLayout = "2006-01-02T15:04:05.000000Z07:00";
    private const string Normal = "yyyy-MM-dd'T'HH:mm:ss'Z'";
    private const string MicroNormal = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";
    private const int MaxShown = 64;

    /// <summary>The time in UTC, to the second or (<paramref name="micro"/>) with six digits of fraction.</summary>
    /// <exception cref="MalformedObjectException">It is not a time; the message has Go's words.</exception>
    public static JsonValue Normalize(JsonValue value, bool micro)
    {
        var text = value.GetValue<string>();
        var time = new Scan(text, micro).Read();
        var normal = time.ToString(micro ? MicroNormal : Normal, CultureInfo.InvariantCulture);
        return normal == text ? value : JsonValue.Create(normal)!;
    }

    private ref struct Scan(string text, bool micro)
    {
        private int _position;

        public DateTime Read()
        {
            var year = Digits(4, "2006");
            Literal('-', "-");
            var month = Digits(2, "01", 1, 12, "month");
            Literal('-', "-");
            var day = Digits(2, "02");
            Literal('T', "T");
            var hour = Digits(2, "15", 0, 23, "hour");
            Literal(':', ":");
            var minute = Digits(2, "04", 0, 59, "minute");
            Literal(':', ":");
            var second = Digits(2, "05", 0, 59, "second");
            var ticks = Fraction();
            var offset = Zone();
            if (_position < text.Length)
                throw Fault($": extra text: \"{Show(text.AsSpan(_position))}\"");
            // Year 0 is a time to Go; nothing here needs it, and .NET has none.
            if (year == 0 || day < 1 || day > DateTime.DaysInMonth(year, month))
                throw Fault(": day out of range");
            var local = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc);
            var utc = local.Ticks + ticks - offset.Ticks;
            return utc >= 0 && utc <= DateTime.MaxValue.Ticks
                ? new DateTime(utc, DateTimeKind.Utc)
                : throw Fault(": year out of range");
        }

        private int Digits(int count, string element, int low = 0, int high = 9999, string? range = null)
        {
            var rest = text.AsSpan(_position);
            if (rest.Length < count || rest[..count].ContainsAnyExceptInRange('0', '9'))
                throw Expected(element);
            var number = int.Parse(rest[..count], NumberStyles.None, CultureInfo.InvariantCulture);
            _position += count;
            return number >= low && number <= high ? number : throw Fault($": {range} out of range");
        }

        private void Literal(char c, string element)
        {
            if (_position >= text.Length || text[_position] != c)
                throw Expected(element);
            _position++;
        }

        private long Fraction()
        {
            if (text.AsSpan(_position) is not ['.' or ',', >= '0' and <= '9', ..])
                return micro ? throw Expected(".000000") : 0;
            var start = _position + 1;
            var end = start;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
            if (micro && end - start != 6)
                throw Expected(".000000");
            _position = end;
            var digits = text[start..Math.Min(end, start + 7)].PadRight(7, '0');
            return long.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        private TimeSpan Zone()
        {
            if (_position < text.Length && text[_position] == 'Z')
            {
                _position++;
                return TimeSpan.Zero;
            }

            var rest = text.AsSpan(_position);
            if (rest is not ['+' or '-', _, _, ':', _, _, ..]
                || rest[1..3].ContainsAnyExceptInRange('0', '9')
                || rest[4..6].ContainsAnyExceptInRange('0', '9'))
                throw Expected("Z07:00");
            var hours = int.Parse(rest[1..3], NumberStyles.None, CultureInfo.InvariantCulture);
            var minutes = int.Parse(rest[4..6], NumberStyles.None, CultureInfo.InvariantCulture);
            if (hours > 24)
                throw Fault(": time zone offset hour out of range");
            if (minutes > 60)
                throw Fault(": time zone offset minute out of range");
            _position += 6;
            var offset = new TimeSpan(hours, minutes, 0);
            return rest[0] == '-' ? -offset : offset;
        }

        private readonly MalformedObjectException Expected(string element) =>
            Fault($" as \"{(micro ? MicroLayout : Layout)}\": "
                + $"cannot parse \"{Show(text.AsSpan(_position))}\" as \"{element}\"");

        private readonly MalformedObjectException Fault(string why) => new($"parsing time \"{Show(text)}\"{why}");

        // Go quotes bytes outside printable ASCII, so no control character reaches a terminal.
        private static string Show(ReadOnlySpan<char> part)
        {
            var shown = new StringBuilder();
            foreach (var b in Encoding.UTF8.GetBytes(part[..Math.Min(part.Length, MaxShown)].ToString()))
            {
                _ = b switch
                {
                    (byte)'"' or (byte)'\\' => shown.Append('\\').Append((char)b),
                    < 0x20 or >= 0x7f => shown.Append("\\x").Append(b.ToString("x2", CultureInfo.InvariantCulture)),
                    _ => shown.Append((char)b),
                };
            }

            return part.Length <= MaxShown ? shown.ToString() : shown.Append("...").ToString();
        }
    }
}

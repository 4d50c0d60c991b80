// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.Acme.Dns;

/// <summary>
/// DNS names as text: lower case, without a dot at the end (the root is empty), other bytes than letters, digits, hyphens,
/// underscores and asterisks as <c>\DDD</c>. Equal names are equal strings.
/// </summary>
public static class DnsName
{
    private const int LongestName = 255;
    private const int LongestLabel = 63;

    /// <summary>What stands above a name: <c>example.com</c> for <c>www.example.com</c>; null for the root.</summary>
    public static string? Parent(string name)
    {
        if (name.Length == 0)
            return null;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? "" : name[(dot + 1)..];
    }

    /// <summary>Whether a name is in a zone: the zone's own name, or below it.</summary>
    public static bool IsIn(string name, string zone) =>
        zone.Length == 0 || name == zone
        || (name.Length > zone.Length && name.EndsWith(zone, StringComparison.Ordinal) && name[^(zone.Length + 1)] == '.');

    /// <summary>The one form of a name that was typed.</summary>
    /// <exception cref="DnsFormatException">It is no DNS name, or too long.</exception>
    public static string Normalize(string text)
    {
        var bytes = new List<byte>();
        Write(bytes, text);
        var at = 0;
        return Read([.. bytes], ref at);
    }

    /// <summary>Writes a name as it stands in messages, without compression.</summary>
    /// <exception cref="DnsFormatException">A label is empty or too long, or the name is.</exception>
    internal static void Write(List<byte> to, string name)
    {
        var start = to.Count;
        var text = name.EndsWith('.') && !name.EndsWith("\\.", StringComparison.Ordinal) ? name[..^1] : name;
        for (var i = 0; i < text.Length;)
        {
            var length = to.Count;
            to.Add(0);
            for (; i < text.Length && text[i] != '.'; i++)
                to.Add(text[i] == '\\' ? Escaped(text, ref i) : Plain(text[i]));
            var label = to.Count - length - 1;
            if (label is 0 or > LongestLabel)
                throw new DnsFormatException($"expected labels of 1 to {LongestLabel} bytes in a DNS name");
            to[length] = (byte)label;
            if (i == text.Length)
                break;
            i++;
            if (i == text.Length)
                throw new DnsFormatException("expected no empty label in a DNS name");
        }

        to.Add(0);
        if (to.Count - start > LongestName)
            throw new DnsFormatException($"expected a DNS name of at most {LongestName} bytes");
    }

    /// <summary>
    /// Reads a name and moves behind it. A compressed name may only point backwards, before itself, so that reading ends.
    /// </summary>
    /// <exception cref="DnsFormatException">It is malformed.</exception>
    internal static string Read(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder();
        var (position, lowest, length, jumped) = (at, at, 0, false);
        while (true)
        {
            if (position >= message.Length)
                throw new DnsFormatException("expected a DNS name, but the message ends");
            int first = message[position];
            if (first == 0)
            {
                if (!jumped)
                    at = position + 1;
                return name.ToString();
            }

            if ((first & 0xc0) == 0xc0)
            {
                if (position + 1 >= message.Length)
                    throw new DnsFormatException("expected a DNS name, but the message ends");
                var target = ((first & 0x3f) << 8) | message[position + 1];
                if (target >= lowest)
                    throw new DnsFormatException("expected a compressed DNS name to point backwards");
                if (!jumped)
                    at = position + 2;
                (position, lowest, jumped) = (target, target, true);
                continue;
            }

            if (first > LongestLabel || position + 1 + first > message.Length)
                throw new DnsFormatException("expected a label of a DNS name, but it is cut off or of an unknown kind");
            length += first + 1;
            if (length >= LongestName)
                throw new DnsFormatException($"expected a DNS name of at most {LongestName} bytes");
            if (name.Length > 0)
                name.Append('.');
            foreach (var value in message.Slice(position + 1, first))
                Append(name, value);
            position += 1 + first;
        }
    }

    private static void Append(StringBuilder name, byte value)
    {
        var letter = (char)value;
        if (char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '*')
            name.Append(char.ToLowerInvariant(letter));
        else
            name.Append('\\').Append(value.ToString("000", CultureInfo.InvariantCulture));
    }

    private static byte Plain(char letter) => letter is > ' ' and < '\x7f'
        ? (byte)letter
        : throw new DnsFormatException("expected a DNS name in ASCII; write an internationalised name in its xn-- form");

    private static byte Escaped(string text, ref int i)
    {
        if (i + 3 < text.Length && char.IsAsciiDigit(text[i + 1])
            && byte.TryParse(text.AsSpan(i + 1, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        {
            i += 3;
            return value;
        }

        if (i + 1 >= text.Length || char.IsAsciiDigit(text[i + 1]))
            throw new DnsFormatException("expected a character or three digits after a backslash in a DNS name");
        i++;
        return Plain(text[i]);
    }
}

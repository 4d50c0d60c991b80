// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;

namespace Sealock.Pki.Certificates;

/// <summary>The string form of names, RFC 4514.</summary>
internal static class DistinguishedNameText
{
    private const int MaxLength = 64 * 1024;
    private const string Special = "\"+,;<>\\=";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    public static string Format(DistinguishedName name)
    {
        var text = new StringBuilder();
        for (var i = name.Rdns.Count - 1; i >= 0; i--)
        {
            foreach (var attribute in name.Rdns[i])
            {
                if (text.Length > 0)
                    text.Append(attribute == name.Rdns[i][0] ? ',' : '+');
                text.Append(attribute.ShortName).Append('=');
                if (attribute.IsText)
                    AppendEscaped(text, attribute.Value);
                else
                    text.Append(attribute.Value);
            }
        }
        return text.ToString();
    }

    private static void AppendEscaped(StringBuilder text, string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c < ' ' || c == '\x7f')
            {
                text.Append('\\').Append(((int)c).ToString("X2", null));
                continue;
            }
            var edge = (c == ' ' && (i == 0 || i == value.Length - 1)) || (c == '#' && i == 0);
            if (edge || (c != '=' && Special.Contains(c)))
                text.Append('\\');
            text.Append(c);
        }
    }

    /// <summary>The RDNs in encoded order (the reverse of the text's).</summary>
    public static IReadOnlyList<IReadOnlyList<NameAttribute>> Parse(string text)
    {
        if (text.Length > MaxLength)
            throw new PkiFormatException($"expected a name of at most {MaxLength} characters");
        var rdns = new List<IReadOnlyList<NameAttribute>>();
        var position = 0;
        while (position < text.Length)
        {
            var rdn = new List<NameAttribute>();
            char separator;
            do
            {
                rdn.Add(ReadAttribute(text, ref position));
                separator = position < text.Length ? text[position++] : '\0';
            }
            while (separator == '+');
            rdns.Add(rdn);
            if (separator is ',' or ';' && position == text.Length)
                throw new PkiFormatException("expected another attribute after the last comma of the name");
        }
        rdns.Reverse();
        return rdns;
    }

    private static NameAttribute ReadAttribute(string text, ref int position)
    {
        var equals = text.IndexOf('=', position);
        if (equals < 0)
            throw new PkiFormatException("expected a name of the form CN=jane,O=dev (RFC 4514)");
        var type = text[position..equals].Trim();
        var oid = NameAttributeTypes.OidOf(type)
            ?? throw new PkiFormatException($"expected an attribute type such as CN, O or an OID, got '{type}'");
        position = equals + 1;
        while (position < text.Length && text[position] == ' ')
            position++;
        if (position < text.Length && text[position] == '#')
        {
            var start = position;
            while (position < text.Length && text[position] is not (',' or '+' or ';'))
                position++;
            var hex = text[start..position].TrimEnd();
            if (hex.Length % 2 == 0 || hex.Length < 5 || hex.AsSpan(1).ContainsAnyExcept(HexDigits))
                throw new PkiFormatException("expected hexadecimal DER after '#'");
            return new(oid, hex, IsText: false);
        }
        return new(oid, ReadText(text, ref position));
    }

    private static string ReadText(string text, ref int position)
    {
        var bytes = new List<byte>();
        var keep = 0;
        Span<byte> utf8 = stackalloc byte[4];
        while (position < text.Length && text[position] is not (',' or '+' or ';'))
        {
            var c = text[position++];
            if (c != '\\')
            {
                if (c is '"' or '<' or '>')
                    throw new PkiFormatException($"expected '{c}' to be escaped with a backslash");
                if (Rune.DecodeFromUtf16(text.AsSpan(position - 1), out var rune, out var consumed)
                    != OperationStatus.Done)
                {
                    throw new PkiFormatException("expected well-formed Unicode in the name");
                }
                position += consumed - 1;
                bytes.AddRange(utf8[..rune.EncodeToUtf8(utf8)]);
                if (c != ' ')
                    keep = bytes.Count;
                continue;
            }
            if (position < text.Length && (Special.Contains(text[position]) || text[position] is ' ' or '#'))
                bytes.Add((byte)text[position++]);
            else if (position + 1 < text.Length && char.IsAsciiHexDigit(text[position]) && char.IsAsciiHexDigit(text[position + 1]))
            {
                bytes.Add(Convert.FromHexString(text.AsSpan(position, 2))[0]);
                position += 2;
            }
            else
                throw new PkiFormatException("expected a special character or two hexadecimal digits after a backslash");
            keep = bytes.Count;
        }
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. bytes[..keep]]);
        }
        catch (ArgumentException e)
        {
            throw new PkiFormatException("expected UTF-8 in the name's escaped bytes", e);
        }
    }
}

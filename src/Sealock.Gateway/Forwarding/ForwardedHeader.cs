// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Gateway.Forwarding;

/// <summary>Reads the header <c>Forwarded</c> (RFC 7239 section 4).</summary>
internal static class ForwardedHeader
{
    /// <summary>More proxies in a row are nobody's.</summary>
    public const int MaxHops = 64;

    /// <summary>
    /// Reads the header's lines as one list, the nearest proxy last. What a stranger wrote comes first and could swallow with
    /// an open quote what proxies wrote behind it: so there is no reading of a part.
    /// </summary>
    /// <returns>Null if the whole does not have the header's form.</returns>
    public static List<ForwardedHop>? Read(IEnumerable<string?> lines)
    {
        var hops = new List<ForwardedHop>();
        foreach (var line in lines)
        {
            var reader = new Reader(line ?? "");
            while (!reader.AtEnd)
            {
                if (!reader.TryElement(out var hop) || hops.Count >= MaxHops)
                    return null;
                if (hop is { } one)
                    hops.Add(one);
            }
        }

        return hops;
    }

    private ref struct Reader(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public readonly bool AtEnd => _rest.IsEmpty;

        /// <summary>One element and the comma behind it; no hop where the element is empty, as lists may have them.</summary>
        public bool TryElement(out ForwardedHop? hop)
        {
            var (node, proto, any) = ((string?)null, (string?)null, false);
            hop = null;
            while (true)
            {
                SkipSpace();
                if (!AtEnd && _rest[0] is not (',' or ';'))
                {
                    if (!TryPair(out var name, out var value))
                        return false;
                    any = true;
                    var once = name switch
                    {
                        _ when name.Equals("for", StringComparison.OrdinalIgnoreCase) => TrySet(ref node, value),
                        _ when name.Equals("proto", StringComparison.OrdinalIgnoreCase) => TrySet(ref proto, value),
                        _ => true,
                    };
                    if (!once)
                        return false;
                    SkipSpace();
                }

                if (AtEnd || _rest[0] == ',')
                {
                    _rest = AtEnd ? _rest : _rest[1..];
                    hop = any ? new ForwardedHop(node, proto) : null;
                    return true;
                }

                if (_rest[0] != ';')
                    return false;
                _rest = _rest[1..];
            }
        }

        /// <summary>Each parameter stands once at most (section 4).</summary>
        private static bool TrySet(ref string? field, string value)
        {
            if (field is not null)
                return false;
            field = value;
            return true;
        }

        private bool TryPair(out ReadOnlySpan<char> name, out string value)
        {
            name = default;
            value = "";
            var equals = _rest.IndexOfAny("=,;\"");
            if (equals <= 0 || _rest[equals] != '=' || _rest[..equals].ContainsAny(' ', '\t'))
                return false;
            name = _rest[..equals];
            _rest = _rest[(equals + 1)..];
            if (!AtEnd && _rest[0] == '"')
                return TryQuoted(out value);
            var end = _rest.IndexOfAny(",; \t");
            end = end < 0 ? _rest.Length : end;
            var token = _rest[..end];
            if (token.IsEmpty || token.Contains('"'))
                return false;
            value = token.ToString();
            _rest = _rest[end..];
            return true;
        }

        private bool TryQuoted(out string value)
        {
            var text = new StringBuilder();
            for (var i = 1; i < _rest.Length; i++)
            {
                if (_rest[i] == '"')
                {
                    value = text.ToString();
                    _rest = _rest[(i + 1)..];
                    return true;
                }

                if (_rest[i] == '\\' && ++i == _rest.Length)
                    break;
                text.Append(_rest[i]);
            }

            value = "";
            return false;
        }

        private void SkipSpace() => _rest = _rest.TrimStart(" \t");
    }
}

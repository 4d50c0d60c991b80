// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Client;

/// <summary>Link headers (RFC 8288), as far as ACME uses them.</summary>
internal static class LinkHeader
{
    private const int MostLinks = 50;

    /// <summary>The targets of the links with this relation, as they are written.</summary>
    public static IReadOnlyList<string> Targets(IEnumerable<string> headers, string relation)
    {
        var targets = new List<string>();
        foreach (var header in headers)
        {
            var rest = header.AsSpan();
            while (targets.Count < MostLinks && rest.IndexOf('<') is >= 0 and var open)
            {
                rest = rest[(open + 1)..];
                var close = rest.IndexOf('>');
                if (close < 0)
                    break;
                var target = rest[..close];
                rest = rest[(close + 1)..];
                var end = ParametersEnd(rest);
                if (HasRelation(rest[..end], relation))
                    targets.Add(target.ToString());
                rest = rest[end..];
            }
        }

        return targets;
    }

    /// <summary>The comma that ends a link's parameters, outside of quotes.</summary>
    private static int ParametersEnd(ReadOnlySpan<char> text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                quoted = !quoted;
            else if (text[i] == ',' && !quoted)
                return i;
        }

        return text.Length;
    }

    private static bool HasRelation(ReadOnlySpan<char> parameters, string relation)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim();
            var equals = parameter.IndexOf('=');
            if (equals < 0 || !parameter[..equals].Trim().Equals("rel", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = parameter[(equals + 1)..].Trim().Trim('"');
            foreach (var word in value.Split(' '))
                if (value[word].Equals(relation, StringComparison.OrdinalIgnoreCase))
                    return true;
        }

        return false;
    }
}

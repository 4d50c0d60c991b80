// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Serving;

/// <summary>Decoded query parameters in their order; names are case-sensitive, as in Kubernetes.</summary>
public sealed class QueryParameters(IReadOnlyList<KeyValuePair<string, string>> pairs)
{
    /// <summary>The most parameters that are read; a request with more is refused.</summary>
    public const int MaxCount = 256;

    /// <summary>No parameters.</summary>
    public static QueryParameters Empty { get; } = new([]);

    /// <summary>The first value of a parameter, or an empty string.</summary>
    public string this[string name]
    {
        get
        {
            foreach (var pair in pairs)
            {
                if (pair.Key == name)
                    return pair.Value;
            }

            return "";
        }
    }

    /// <summary>Whether a parameter is present.</summary>
    public bool Has(string name)
    {
        foreach (var pair in pairs)
        {
            if (pair.Key == name)
                return true;
        }

        return false;
    }

    /// <summary>All values of a parameter.</summary>
    public IEnumerable<string> All(string name) => pairs.Where(pair => pair.Key == name).Select(pair => pair.Value);

    /// <summary>
    /// Whether a parameter is present and not <c>0</c> or <c>false</c> (Kubernetes' reading of booleans).
    /// </summary>
    public bool IsTrue(string name)
    {
        foreach (var pair in pairs)
        {
            if (pair.Key == name)
                return pair.Value is not ("0" or "false");
        }

        return false;
    }

    /// <summary>Parses a raw query string with or without its question mark.</summary>
    /// <exception cref="FormatException">There are more than <see cref="MaxCount"/> parameters.</exception>
    public static QueryParameters Parse(ReadOnlySpan<char> query)
    {
        if (query.StartsWith("?"))
            query = query[1..];
        if (query.IsEmpty)
            return Empty;
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (var range in query.Split('&'))
        {
            var part = query[range];
            if (part.IsEmpty)
                continue;
            if (pairs.Count == MaxCount)
                throw new FormatException($"a query may have at most {MaxCount} parameters");
            var equals = part.IndexOf('=');
            pairs.Add(equals < 0
                ? new(Decode(part), "")
                : new(Decode(part[..equals]), Decode(part[(equals + 1)..])));
        }

        return new QueryParameters(pairs);
    }

    private static string Decode(ReadOnlySpan<char> text) =>
        text.IndexOfAny('%', '+') < 0
            ? text.ToString()
            : Uri.UnescapeDataString(text.ToString().Replace('+', ' '));
}

// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.Text;

namespace Sealock.Api.Objects;

/// <summary>
/// Kubernetes' formats of names, keys and label values. Every rule returns what is wrong, in Kubernetes' words; an
/// empty list means the value is fine.
/// </summary>
public static class NameRules
{
    private const string LabelKeyFormat = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private const string LabelFormat = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainFormat = LabelFormat + @"(\." + LabelFormat + ")*";
    private const string Rfc1035Format = "[a-z]([-a-z0-9]*[a-z0-9])?";

    private const string LabelKeyMessage =
        "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";

    private const string SubdomainMessage = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric "
        + "characters, '-' or '.', and must start and end with an alphanumeric character";

    private const string LabelMessage = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters "
        + "or '-', and must start and end with an alphanumeric character";

    private static readonly SearchValues<char> Alphanumeric =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static readonly SearchValues<char> LabelKeyChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    private static readonly SearchValues<char> DnsChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>A label or annotation key, finalizer and so on: an optional DNS prefix, a slash, a name of at most 63 bytes.</summary>
    public static IReadOnlyList<string> LabelKey(string value)
    {
        var slash = value.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && value.IndexOf('/', slash + 1) >= 0)
        {
            return ["a valid label key " + Format(LabelKeyMessage, LabelKeyFormat, "MyName", "my.name", "123-abc")
                + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"];
        }

        List<string> errors = [];
        if (slash == 0)
        {
            errors.Add("prefix part must be non-empty");
        }
        else if (slash > 0)
        {
            errors.AddRange(DnsSubdomain(value[..slash]).Select(m => "prefix part " + m));
        }

        var name = value[(slash + 1)..];
        if (name.Length == 0)
        {
            errors.Add("name part must be non-empty");
        }
        else if (Bytes(name) > 63)
        {
            errors.Add("name part " + MaxLength(63));
        }

        if (name.Length == 0 || !IsLabelText(name))
        {
            errors.Add("name part " + Format(LabelKeyMessage, LabelKeyFormat, "MyName", "my.name", "123-abc"));
        }

        return errors;
    }

    /// <summary>A label's value: empty, or at most 63 bytes of letters, digits, '-', '_' and '.'.</summary>
    public static IReadOnlyList<string> LabelValue(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 63)
        {
            errors.Add(MaxLength(63));
        }

        if (value.Length > 0 && !IsLabelText(value))
        {
            errors.Add(Format("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
                + "'.', and must start and end with an alphanumeric character",
                "(" + LabelKeyFormat + ")?", "MyValue", "my_value", "12345"));
        }

        return errors;
    }

    /// <summary>An RFC 1123 subdomain of at most 253 bytes, as most object names are.</summary>
    public static IReadOnlyList<string> DnsSubdomain(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 253)
        {
            errors.Add(MaxLength(253));
        }

        if (!IsDnsSubdomain(value))
        {
            errors.Add(Format(SubdomainMessage, SubdomainFormat, "example.com"));
        }

        return errors;
    }

    /// <summary>An RFC 1123 label of at most 63 bytes, as namespaces are.</summary>
    public static IReadOnlyList<string> DnsLabel(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 63)
        {
            errors.Add(MaxLength(63));
        }

        if (!IsDnsLabel(value))
        {
            errors.Add(IsDnsSubdomain(value)
                ? "must not contain dots" : Format(LabelMessage, LabelFormat, "my-name", "123-abc"));
        }

        return errors;
    }

    /// <summary>An RFC 1035 label (starts with a letter), as services are.</summary>
    public static IReadOnlyList<string> Dns1035Label(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 63)
        {
            errors.Add(MaxLength(63));
        }

        if (!IsDnsLabel(value) || !char.IsAsciiLetterLower(value[0]))
        {
            errors.Add(Format("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                + "alphabetic character, and end with an alphanumeric character", Rfc1035Format, "my-name", "abc-123"));
        }

        return errors;
    }

    /// <summary>A host pattern: <c>*.</c> before a subdomain.</summary>
    public static IReadOnlyList<string> WildcardDnsSubdomain(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 253)
        {
            errors.Add(MaxLength(253));
        }

        if (!value.StartsWith("*.", StringComparison.Ordinal) || !IsDnsSubdomain(value.AsSpan(2)))
        {
            errors.Add(Format("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which "
                + "must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
                @"\*\." + SubdomainFormat, "*.example.com"));
        }

        return errors;
    }

    /// <summary>A name that can stand in a URL path: not '.' or '..', without '/' and '%' (RBAC objects).</summary>
    public static IReadOnlyList<string> PathSegment(string value)
    {
        if (value is "." or "..")
        {
            return [$"may not be '{value}'"];
        }

        List<string> errors = [];
        foreach (var illegal in "/%")
        {
            if (value.Contains(illegal, StringComparison.Ordinal))
            {
                errors.Add($"may not contain '{illegal}'");
            }
        }

        return errors;
    }

    /// <summary>A key of a Secret or ConfigMap.</summary>
    public static IReadOnlyList<string> ConfigKey(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 253)
        {
            errors.Add(MaxLength(253));
        }

        if (value.Length == 0 || value.AsSpan().ContainsAnyExcept(LabelKeyChars))
        {
            errors.Add(Format("a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                "[-._a-zA-Z0-9]+", "key.name", "KEY_NAME", "key-name"));
        }

        if (value is "." or "..")
        {
            errors.Add($"must not be '{value}'");
        }
        else if (value.StartsWith("..", StringComparison.Ordinal))
        {
            errors.Add("must not start with '..'");
        }

        return errors;
    }

    /// <summary>A port's name: at most 15 of [-a-z0-9], with a letter, no hyphen at an end or doubled (RFC 6335).</summary>
    public static IReadOnlyList<string> PortName(string value)
    {
        List<string> errors = [];
        if (Bytes(value) > 15)
        {
            errors.Add(MaxLength(15));
        }

        if (value.Length == 0 || value.AsSpan().ContainsAnyExcept(DnsChars))
        {
            errors.Add("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
        }

        if (!value.Any(char.IsAsciiLetterLower))
        {
            errors.Add("must contain at least one letter (a-z)");
        }

        if (value.Contains("--", StringComparison.Ordinal))
        {
            errors.Add("must not contain consecutive hyphens");
        }

        if (value.StartsWith('-') || value.EndsWith('-'))
        {
            errors.Add("must not begin or end with a hyphen");
        }

        return errors;
    }

    /// <summary>A port number.</summary>
    public static IReadOnlyList<string> PortNumber(long value) => value is >= 1 and <= 65535 ? [] : [Range(1, 65535)];

    /// <summary>Whether the value is an RFC 1123 label, whatever its length.</summary>
    public static bool IsDnsLabel(ReadOnlySpan<char> value) =>
        value.Length > 0 && value[0] != '-' && value[^1] != '-' && !value.ContainsAnyExcept(DnsChars);

    /// <summary>Whether the value is an RFC 1123 subdomain, whatever its length.</summary>
    public static bool IsDnsSubdomain(ReadOnlySpan<char> value)
    {
        foreach (var part in value.Split('.'))
        {
            if (!IsDnsLabel(value[part]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The wording of a number out of an inclusive range.</summary>
    public static string Range(long low, long high) =>
        string.Create(CultureInfo.InvariantCulture, $"must be between {low} and {high}, inclusive");

    /// <summary>The wording of a value longer than <paramref name="bytes"/> bytes.</summary>
    public static string MaxLength(int bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"must be no more than {bytes} bytes");

    /// <summary>The wording of a value that does not have a format, with examples.</summary>
    public static string Format(string message, string expression, params ReadOnlySpan<string> examples)
    {
        if (examples.Length == 0)
        {
            return $"{message} (regex used for validation is '{expression}')";
        }

        var builder = new StringBuilder(message).Append(" (e.g. ");
        for (var i = 0; i < examples.Length; i++)
        {
            builder.Append(i > 0 ? " or " : "").Append('\'').Append(examples[i]).Append("', ");
        }

        return builder.Append("regex used for validation is '").Append(expression).Append("')").ToString();
    }

    private static int Bytes(string value) => Encoding.UTF8.GetByteCount(value);

    private static bool IsLabelText(ReadOnlySpan<char> value) =>
        Alphanumeric.Contains(value[0]) && Alphanumeric.Contains(value[^1]) && !value.ContainsAnyExcept(LabelKeyChars);
}

// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Serialization;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;

namespace Sealock.Acme.Messages;

/// <summary>What a certificate is to name: a DNS name (in an order perhaps a wildcard) or an IP address (RFC 8738).</summary>
/// <param name="Type"><see cref="Dns"/> or <see cref="Ip"/>.</param>
/// <param name="Value">The name in ASCII and lower case, without a dot at its end; or the address.</param>
public sealed record AcmeIdentifier(string Type, string Value)
{
    /// <summary>The type of DNS names.</summary>
    public const string Dns = "dns";

    /// <summary>The type of IP addresses.</summary>
    public const string Ip = "ip";

    /// <summary>True for <c>*.example.com</c>.</summary>
    [JsonIgnore]
    public bool IsWildcard => Type == Dns && Value.StartsWith("*.", StringComparison.Ordinal);

    /// <summary>The name without a wildcard's label: what is validated.</summary>
    [JsonIgnore]
    public string BaseName => IsWildcard ? Value[2..] : Value;

    /// <summary>The address, where it is one.</summary>
    [JsonIgnore]
    public IPAddress? Address => Type == Ip && IPAddress.TryParse(Value, out var address) ? address : null;

    /// <summary>What a user types.</summary>
    /// <exception cref="PkiFormatException">It is neither an IP address nor a DNS name in ASCII.</exception>
    public static AcmeIdentifier Parse(string name)
    {
        var text = name.Trim();
        if (!text.Contains('%', StringComparison.Ordinal)
            && IPAddress.TryParse(text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text, out var address))
            return new(Ip, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
        var dns = text.TrimEnd('.').ToLowerInvariant();
        if (!System.Text.Ascii.IsValid(dns))
            throw new PkiFormatException($"'{name}' is not ASCII; write an internationalised name in its xn-- form");
        return HostNames.IsValidDnsName(dns, allowWildcard: true)
            ? new(Dns, dns)
            : throw new PkiFormatException($"'{name}' is neither a DNS name nor an IP address");
    }

    /// <summary>The names that a certificate request or certificate bears, as an order needs them.</summary>
    /// <exception cref="PkiFormatException">There is another kind of name, which ACME cannot validate.</exception>
    public static IReadOnlyList<AcmeIdentifier> Of(SubjectAlternativeNames names) => [.. names.Select(name => name switch
    {
        { Kind: GeneralNameKind.Dns } => Parse(name.Text),
        { Address: { } address } => Parse(address.ToString()),
        _ => throw new PkiFormatException($"ACME validates DNS names and IP addresses only, not {name.Kind} {name.Text}"),
    }).Distinct()];

    /// <inheritdoc/>
    public override string ToString() => Value;
}

// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Where the certificates that the listener serves, and those it accepts of clients, stand. All files are PEM.
/// </summary>
public sealed record ServingFiles
{
    /// <summary>The serving certificate, leaf first, then its chain.</summary>
    public required string CertificateFile { get; init; }

    /// <summary>Its private key.</summary>
    public required string KeyFile { get; init; }

    /// <summary>
    /// A certificate for names that no other has, such as that of loopback where the serving certificate is for a public name; null for
    /// none.
    /// </summary>
    public SniFiles? StandIn { get; init; }

    /// <summary>Certificates chosen by the name that the client asks for; the first match wins.</summary>
    public ImmutableArray<SniFiles> Sni { get; init; } = [];

    /// <summary>CAs whose client certificates are accepted; null accepts none.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>What <c>/cacerts</c> answers: the CA of the serving certificate; null answers 404.</summary>
    public string? ServingCaFile { get; init; }

    /// <summary>Whether a serving certificate must lead to <see cref="ServingCaFile"/> to take the place of another.</summary>
    public bool MustLeadToServingCa { get; init; }

    /// <summary>All files, for watching.</summary>
    internal IEnumerable<string> All =>
        new[] { CertificateFile, KeyFile, ClientCaFile, ServingCaFile }
            .Concat((StandIn is { } standIn ? Sni.Add(standIn) : Sni).SelectMany(sni => new[] { sni.CertificateFile, sni.KeyFile }))
            .OfType<string>();
}

/// <summary>
/// A certificate for some names (<c>--tls-sni-cert-key</c>). Without names, the certificate's own are used. A name may
/// start with <c>*.</c>, which stands for one label.
/// </summary>
public sealed record SniFiles(string CertificateFile, string KeyFile, ImmutableArray<string> Names)
{
    /// <summary>Reads kube-apiserver's form <c>certificate,key[:name,name…]</c>.</summary>
    /// <exception cref="FormatException">It is not of that form.</exception>
    public static SniFiles Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var files = (colon < 0 ? text : text[..colon]).Split(',');
        if (files.Length != 2 || files.Any(file => file.Trim().Length == 0))
            throw new FormatException($"'{text}' is not of the form certificate,key[:name,name…]");
        var names = colon < 0
            ? []
            : text[(colon + 1)..].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (colon >= 0 && names.Length == 0)
            throw new FormatException($"'{text}' has a colon and no names behind it");
        return new SniFiles(files[0].Trim(), files[1].Trim(), [.. names]);
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keystores;

namespace Sealock.Controllers.Trust;

/// <summary>What a Bundle publishes: PEM and truststores.</summary>
internal sealed class BundleContent
{
    private readonly Lazy<ImmutableSortedDictionary<string, string>> _binary;

    public BundleContent(IReadOnlyList<Certificate> certificates, AdditionalFormatsView? formats)
    {
        Certificates = certificates;
        Pem = Certificate.ToPem(certificates);
        Hash = HashOf(Pem, formats);
        BinaryKeys = [.. ((TruststoreView?[])[formats?.Jks, formats?.Pkcs12]).OfType<TruststoreView>().Select(store => store.Key)];
        // Truststores are salted: they are made only where they are written.
        _binary = new(() => Stores(certificates, formats));
    }

    public IReadOnlyList<Certificate> Certificates { get; }

    public string Pem { get; }

    /// <summary>Tells of a target whether it holds this.</summary>
    public string Hash { get; }

    public ImmutableArray<string> BinaryKeys { get; }

    /// <summary>Truststores in Base64 by their keys.</summary>
    public ImmutableSortedDictionary<string, string> Binary => _binary.Value;

    /// <summary>What stands for binary entries as they were written.</summary>
    public static string PrintOf(IEnumerable<KeyValuePair<string, Print>> entries) =>
        Print.OfSet(entries.Select(entry => $"{entry.Key}={entry.Value}")) is { IsNone: false } print ? print.ToString() : "";

    private static string HashOf(string pem, AdditionalFormatsView? formats)
    {
        var text = new StringBuilder(pem);
        if (formats?.Jks is { } jks)
            text.Append('\n').Append("jks ").Append(jks.Key).Append(' ').Append(jks.Password);
        if (formats?.Pkcs12 is { } pkcs12)
            text.Append('\n').Append("pkcs12 ").Append(pkcs12.Key).Append(' ').Append(pkcs12.Profile).Append(' ').Append(pkcs12.Password);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static ImmutableSortedDictionary<string, string> Stores(IReadOnlyList<Certificate> certificates, AdditionalFormatsView? formats)
    {
        var stores = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (formats?.Jks is { } jks)
            stores[jks.Key] = Convert.ToBase64String(JksWriter.WriteTruststore(certificates, jks.Password ?? "changeit", certificates[0].NotBefore));
        if (formats?.Pkcs12 is { } pkcs12)
        {
            stores[pkcs12.Key] = Convert.ToBase64String(pkcs12.Password is { Length: > 0 } password
                ? Pkcs12Writer.WriteTruststore(certificates, password, Pkcs12Profile.Named(pkcs12.Profile))
                : Pkcs12Writer.WriteOpenTruststore(certificates));
        }

        return stores.ToImmutable();
    }
}

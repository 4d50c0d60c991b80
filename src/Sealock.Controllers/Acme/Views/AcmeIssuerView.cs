// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Views;

/// <summary>The field <c>acme</c> of an issuer's specification.</summary>
internal sealed record AcmeIssuerView
{
    private const string Ari = "ARI";

    public string Server { get => field ?? ""; init; }

    public string Email { get => field ?? ""; init; }

    public string PreferredChain { get => field ?? ""; init; }

    public string Profile { get => field ?? ""; init; }

    public string RenewalInformationSource { get => field ?? ""; init; }

    public SecretKeyReferenceView PrivateKeySecretRef { get => field ?? new(); init; }

    public ExternalBindingView? ExternalAccountBinding { get; init; }

    public bool DisableAccountKeyGeneration { get; init; }

    public bool EnableDurationFeature { get; init; }

    /// <summary>CAs in PEM by which the server is verified.</summary>
    public byte[] CaBundle { get => field ?? []; init; }

    [JsonPropertyName("skipTLSVerify")]
    public bool SkipTlsVerify { get; init; }

    /// <summary>The solvers as they stand there: a Challenge gets a copy of the one that is chosen for it.</summary>
    public IReadOnlyList<JsonElement> Solvers { get => field ?? []; init; }

    /// <summary>Whether the server is asked when to renew.</summary>
    [JsonIgnore]
    public bool AsksWhenToRenew => RenewalInformationSource.Length == 0
        || RenewalInformationSource.Equals(Ari, StringComparison.OrdinalIgnoreCase);

    /// <summary>The entry of the Secret that holds the account's key.</summary>
    [JsonIgnore]
    public string KeyEntry => PrivateKeySecretRef.Key.Length > 0 ? PrivateKeySecretRef.Key : "tls.key";

    /// <summary>Reads it from an issuer; null where it is of another kind, or not what the schema says.</summary>
    public static AcmeIssuerView? Of(IssuerView issuer) => issuer.Spec.Acme is { } acme ? Read(acme, AcmeJson.Default.AcmeIssuerView) : null;

    internal static T? Read<T>(JsonElement element, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return element.Deserialize(type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record ExternalBindingView
{
    [JsonPropertyName("keyID")]
    public string KeyId { get => field ?? ""; init; }

    public SecretKeyReferenceView KeySecretRef { get => field ?? new(); init; }
}

/// <summary>The field <c>acme</c> of an issuer's status.</summary>
internal sealed record AcmeAccountStatusView
{
    public string Uri { get => field ?? ""; init; }

    public string LastRegisteredEmail { get => field ?? ""; init; }

    public string LastPrivateKeyHash { get => field ?? ""; init; }

    public static AcmeAccountStatusView Of(IssuerView issuer) =>
        issuer.Status.Acme is { } acme && AcmeIssuerView.Read(acme, AcmeJson.Default.AcmeAccountStatusView) is { } status ? status : new();
}

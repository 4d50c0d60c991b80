// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sealock.Api.Client;

namespace Sealock.Controllers.Views;

/// <summary>The resources of issuance that the loops read and write.</summary>
internal static class IssuanceResources
{
    public const string ApiVersion = "cert-manager.io/v1";

    public static ResourceType<CertificateView> Certificates { get; } = new(
        "cert-manager.io", "v1", "certificates", true, IssuanceJson.Default.CertificateView);

    /// <summary>Requests as they are kept in memory.</summary>
    public static ResourceType<CertificateRequestView> Requests { get; } = new(
        "cert-manager.io", "v1", "certificaterequests", true, IssuanceJson.Default.CertificateRequestView);

    /// <summary>Requests with all they hold.</summary>
    public static ResourceType<CertificateRequestObject> RequestObjects { get; } = new(
        "cert-manager.io", "v1", "certificaterequests", true, IssuanceJson.Default.CertificateRequestObject);

    public static ResourceType<IssuerView> Issuers { get; } = new(
        "cert-manager.io", "v1", "issuers", true, IssuanceJson.Default.IssuerView);

    public static ResourceType<IssuerView> ClusterIssuers { get; } = new(
        "cert-manager.io", "v1", "clusterissuers", false, IssuanceJson.Default.IssuerView);

    /// <summary>Certificates as JSON, where fields are compared that no view has.</summary>
    public static ResourceType<JsonObject> CertificateJson { get; } = new(
        "cert-manager.io", "v1", "certificates", true, IssuanceJson.Default.JsonObject);

    public static ResourceType<IngressView> Ingresses { get; } = new(
        "networking.k8s.io", "v1", "ingresses", true, IssuanceJson.Default.IngressView);

    /// <summary>Secrets as they are kept in memory.</summary>
    public static ResourceType<SecretFacts> Secrets { get; } = new("", "v1", "secrets", true, IssuanceJson.Default.SecretFacts);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(CertificateView))]
[JsonSerializable(typeof(CertificateRequestObject))]
[JsonSerializable(typeof(CertificateRequestView))]
[JsonSerializable(typeof(IssuerView))]
[JsonSerializable(typeof(SecretFacts))]
[JsonSerializable(typeof(IngressView))]
[JsonSerializable(typeof(JsonObject))]
internal sealed partial class IssuanceJson : JsonSerializerContext;

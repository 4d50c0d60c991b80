// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Controllers.Definitions;

namespace Sealock.Tests.Certificates;

/// <summary>Runs one write through the rules of a definition, in the order in which the API server runs them.</summary>
internal static class RequestRun
{
    public static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    public static readonly UserInfo Jane = new() { Name = "jane", Uid = "u-1", Groups = ["devs", "system:authenticated"] };

    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public static ResourceDefinition Requests { get; } =
        CertificateDefinitions.All.Single(definition => definition.Plural == "certificatesigningrequests");

    public static ResourceDefinition Bundles { get; } =
        CertificateDefinitions.All.First(definition => definition.Plural == "clustertrustbundles");

    /// <summary>A PEM request with this subject, as base64.</summary>
    public static string Pem(string subject = "CN=jane", Action<CertificateRequest>? change = null)
    {
        var request = new CertificateRequest(subject, Key, HashAlgorithmName.SHA256);
        change?.Invoke(request);
        return Base64(request.CreateSigningRequestPem());
    }

    public static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    /// <summary>A CA or leaf certificate of its own, as PEM.</summary>
    public static string Certificate(string subject = "CN=some", bool ca = false)
    {
        var request = new CertificateRequest(subject, Key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(ca, false, 0, true));
        using var certificate = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
        return certificate.ExportCertificatePem() + "\n";
    }

    private static readonly string JanePem = Pem();

    /// <summary>A request object that is valid.</summary>
    public static JsonObject Valid() => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "jane", ["uid"] = "o-1" },
        ["spec"] = new JsonObject
        {
            ["request"] = JanePem,
            ["signerName"] = "example.com/signer",
            ["usages"] = new JsonArray("digital signature", "client auth"),
        },
        ["status"] = new JsonObject(),
    };

    public static JsonObject Condition(string type, string? status = "True", string reason = "", string? updated = null)
    {
        var condition = new JsonObject { ["type"] = type };
        if (status is not null)
            condition["status"] = status;
        if (reason.Length > 0)
            condition["reason"] = reason;
        if (updated is not null)
        {
            condition["lastUpdateTime"] = updated;
            condition["lastTransitionTime"] = updated;
        }

        return condition;
    }

    public static JsonObject With(this JsonObject request, params JsonObject[] conditions)
    {
        request["status"]!.AsObject()["conditions"] = new JsonArray([.. conditions]);
        return request;
    }

    public static JsonObject Issued(this JsonObject request, string certificate)
    {
        request["status"]!.AsObject()["certificate"] = Base64(certificate);
        return request;
    }

    public static Outcome Create(
        JsonObject @object, ResourceDefinition? definition = null, UserInfo? user = null, Rights? rights = null) =>
        Run(definition ?? Requests, "", null, @object, user ?? Jane, rights ?? Rights.Everything);

    public static Outcome Update(
        JsonObject old, JsonObject @object, string subresource = "", ResourceDefinition? definition = null, Rights? rights = null) =>
        Run(definition ?? Requests, subresource, old, @object, Jane, rights ?? Rights.Everything);

    private static Outcome Run(
        ResourceDefinition definition, string subresource, JsonObject? old, JsonObject @object, UserInfo user, Rights rights)
    {
        var part = subresource.Length == 0 ? null : definition.Subresources.Single(part => part.Name == subresource);
        var before = old?.ToJsonString();
        var operation = new ObjectOperation
        {
            Definition = definition,
            Subresource = part,
            Verb = old is null ? "create" : "update",
            User = user,
            Namespace = "",
            Name = @object["metadata"]?["name"]?.GetValue<string>() ?? "",
            Object = @object.DeepClone().AsObject(),
            Old = old,
            Now = Now,
            Authorizer = rights,
            Objects = new NoObjects(),
        };
        var prepare = old is null ? definition.PrepareForCreate : part is null ? definition.PrepareForUpdate : part.PrepareForUpdate;
        prepare?.Invoke(operation);
        var errors = ((part?.Validate ?? definition.Validate)?.Invoke(operation) ?? []).ToList();
        Assert.Equal(before, old?.ToJsonString());
        if (errors.Count > 0)
            return new Outcome(operation.Object, [.. errors.Select(error => error.ToString())], null);
        try
        {
            foreach (var check in part is null ? definition.ValidatingAdmission : part.ValidatingAdmission)
                check(operation);
        }
        catch (ApiException refusal)
        {
            return new Outcome(operation.Object, [], refusal);
        }

        return new Outcome(operation.Object, [], null);
    }

    /// <summary>What came out: the object as it would be stored, what is wrong with it, or the refusal.</summary>
    public sealed record Outcome(JsonObject Object, ImmutableArray<string> Errors, ApiException? Refusal)
    {
        public bool Accepted => Errors.IsEmpty && Refusal is null;
    }

    /// <summary>An authorizer that allows verbs on signers by name, and remembers what it was asked.</summary>
    public sealed class Rights(params string[] allowed) : IAuthorizer
    {
        public static Rights Everything => new("*");

        public List<string> Asked { get; } = [];

        public AccessDecision Authorize(in AccessQuestion question)
        {
            Assert.Equal(("certificates.k8s.io", "signers", true), (question.Group, question.Resource, question.IsResource));
            var asked = $"{question.Verb} {question.Name}";
            Asked.Add(asked);
            return new(allowed.Contains("*") || allowed.Contains(asked), "");
        }

        public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
    }

    private sealed class NoObjects : IObjectReader
    {
        public JsonObject? Find(string group, string plural, string @namespace, string name) => null;
    }
}

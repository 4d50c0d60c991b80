// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>networking.k8s.io/v1 IngressClass.</summary>
internal static class IngressClassDefinition
{
    private const int MaxController = 250;
    private static readonly FieldPath Controller = new FieldPath("spec").Child("controller");

    private static readonly SearchValues<char> PathChars = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-._~%!$&'()*+,;=:");

    public static ResourceDefinition Value { get; } = new()
    {
        Group = "networking.k8s.io",
        Version = "v1",
        Kind = "IngressClass",
        Plural = "ingressclasses",
        Scope = ResourceScope.Cluster,
        SchemaName = "io.k8s.api.networking.v1.IngressClass",
        Columns = NetworkColumns.IngressClasses,
        Default = value => value.Map("spec", "parameters")?.Default("scope", "Cluster"),
        PrepareForCreate = ObjectGeneration.Start,
        PrepareForUpdate = operation => ObjectGeneration.CountChange(operation, "spec"),
        Validate = Validate,
    };

    private static IEnumerable<FieldError> Validate(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec");
        return
        [
            .. operation.Old is null ? []
                : ImmutableFields.Check(spec?["controller"], operation.Old.Map("spec")?["controller"], Controller),
            .. CheckController(spec.Text("controller")),
            .. spec.Has("parameters") ? CheckParameters(spec.Map("parameters"), new FieldPath("spec").Child("parameters")) : [],
        ];
    }

    // <domain>/<path>
    private static IEnumerable<FieldError> CheckController(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) > MaxController)
        {
            yield return Controller.TooLong(MaxController);
        }

        if (text.Length == 0)
        {
            yield return Controller.Required();
            yield break;
        }

        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == text.Length - 1)
        {
            yield return Controller.Invalid(text, "must be a domain-prefixed path (such as \"acme.io/foo\")");
            yield break;
        }

        foreach (var wrong in NameRules.DnsSubdomain(text[..slash]))
        {
            yield return Controller.Invalid(text[..slash], wrong);
        }

        if (text.AsSpan(slash + 1).ContainsAnyExcept(PathChars))
        {
            yield return Controller.Invalid(
                text[(slash + 1)..], NameRules.Format("Invalid path", @"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"));
        }
    }

    private static IEnumerable<FieldError> CheckParameters(JsonObject? parameters, FieldPath path)
    {
        foreach (var error in ReferenceRules.Check(parameters, path))
        {
            yield return error;
        }

        var (scope, space) = (parameters.Text("scope"), parameters.Text("namespace"));
        switch (scope)
        {
            case "":
                yield return path.Child("scope").Required();
                break;
            case "Cluster" when parameters.Has("namespace"):
                yield return path.Child("namespace").Forbidden("parameters.scope is set to 'Cluster'");
                break;
            case "Namespace" when space.Length == 0:
                yield return path.Child("namespace").Required("parameters.scope is set to 'Namespace'");
                break;
            case "Namespace":
                foreach (var wrong in NameRules.DnsLabel(space))
                {
                    yield return path.Child("namespace").Invalid(space, wrong);
                }

                break;
            case "Cluster":
                break;
            default:
                yield return path.Child("scope").NotSupported(scope, "Cluster", "Namespace");
                break;
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>How Orders and Challenges may change: what is set once stays.</summary>
internal static class OrderRules
{
    private const string Immutable = "field is immutable once set";

    private static readonly FieldPath Spec = new("spec");
    private static readonly FieldPath Status = new("status");

    public static IEnumerable<FieldError> CheckSpec(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        return operation.Old is { } old
            ? Kept(spec, old.Map("spec") ?? [], Spec, "request")
            : FieldRules.IssuerReference(spec, Spec);
    }

    public static IEnumerable<FieldError> CheckChallenge(ObjectOperation operation) => operation.Old is { } old
        ? JsonNode.DeepEquals(operation.Object["spec"], old["spec"])
            ? [] : [Spec.Forbidden("challenge spec is immutable after creation")]
        : FieldRules.IssuerReference(operation.Object.Map("spec") ?? [], Spec);

    public static IEnumerable<FieldError> CheckStatus(ObjectOperation operation)
    {
        var (current, old) = (operation.Object.Map("status") ?? [], operation.Old?.Map("status") ?? []);
        return
        [
            .. Kept(current, old, Status, "url", "finalizeURL", "certificate"),
            .. KeptList(current, old, "authorizations", Status, (now, before, path) =>
            [
                .. Kept(now, before, path, "url", "identifier", "wildcard", "initialState"),
                .. KeptList(now, before, "challenges", path, (challenge, was, place) => Kept(challenge, was, place, "url", "type", "token")),
            ]),
        ];
    }

    private static IEnumerable<FieldError> Kept(JsonObject current, JsonObject old, FieldPath path, params string[] names) =>
        names.Where(name => IsSet(old[name]) && !JsonNode.DeepEquals(current[name], old[name]))
            .Select(name => path.Child(name).Forbidden(Immutable));

    private static IEnumerable<FieldError> KeptList(
        JsonObject current, JsonObject old, string name, FieldPath path,
        Func<JsonObject, JsonObject, FieldPath, IEnumerable<FieldError>> item)
    {
        var (now, before) = (current.Items(name), old.Items(name));
        return before.Count == 0 ? []
            : now.Count != before.Count ? [path.Child(name).Forbidden(Immutable)]
            : before.Index().SelectMany(entry => item(now[entry.Index], entry.Item, path.Child(name).Index(entry.Index)));
    }

    private static bool IsSet(JsonNode? value) =>
        value is not null && !(value.GetValueKind() == System.Text.Json.JsonValueKind.String && value.GetValue<string>().Length == 0);
}

// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Reviews;

/// <summary>The reviews of authorization.k8s.io/v1: questions put to the authorizer over the API.</summary>
internal static class AccessReviews
{
    private const string ApiGroup = "authorization.k8s.io";

    public static ResourceDefinition SubjectAccessReviews { get; } = Review(
        "SubjectAccessReview", "subjectaccessreviews", ResourceScope.Cluster, operation =>
        {
            var spec = Spec(operation);
            Refuse([.. AccessReviewRules.Spec(spec, names: true), .. AccessReviewRules.NoMetadata(operation.Object, "must be empty")]);
            return Decide(operation, spec, UserIn(spec));
        });

    public static ResourceDefinition SelfSubjectAccessReviews { get; } = Review(
        "SelfSubjectAccessReview", "selfsubjectaccessreviews", ResourceScope.Cluster, operation =>
        {
            var spec = Spec(operation);
            Refuse([.. AccessReviewRules.Spec(spec, names: false), .. AccessReviewRules.NoMetadata(operation.Object, "must be empty")]);
            return Decide(operation, spec, operation.User);
        });

    public static ResourceDefinition LocalSubjectAccessReviews { get; } = Review(
        "LocalSubjectAccessReview", "localsubjectaccessreviews", ResourceScope.Namespaced, operation =>
        {
            var spec = Spec(operation);
            Refuse([.. AccessReviewRules.Spec(spec, names: true), .. AccessReviewRules.Local(operation.Object, spec, operation.Namespace)]);
            return Decide(operation, spec, UserIn(spec));
        });

    public static ResourceDefinition SelfSubjectRulesReviews { get; } = Review(
        "SelfSubjectRulesReview", "selfsubjectrulesreviews", ResourceScope.Cluster, operation =>
        {
            var @namespace = JsonFields.Text(Spec(operation), "namespace");
            if (@namespace.Length == 0)
                throw ApiException.BadRequest("no namespace on request");

            // kube-apiserver does not repeat the question here.
            operation.Object["spec"] = new JsonObject();
            return Rules(operation.Authorizer.RulesFor(operation.User, @namespace));
        });

    private static ResourceDefinition Review(
        string kind, string plural, ResourceScope scope, Func<ObjectOperation, JsonObject> status) => new()
        {
            Group = ApiGroup,
            Version = "v1",
            Kind = kind,
            Plural = plural,
            Scope = scope,
            Verbs = ["create"],
            SchemaName = "io.k8s.api.authorization.v1." + kind,
            Answer = (operation, _) => ValueTask.FromResult(ReviewAnswer.With(operation, status(operation))),
        };

    private static JsonObject Spec(ObjectOperation operation) => operation.Object["spec"] as JsonObject ?? [];

    /// <summary>kube-apiserver names no kind here, since its internal objects carry none.</summary>
    private static void Refuse(List<FieldError> errors)
    {
        if (errors.Count > 0)
            throw FieldError.ToException(ApiGroup, "", "", errors);
    }

    private static UserInfo UserIn(JsonObject spec) => new()
    {
        Name = JsonFields.Text(spec, "user"),
        Uid = JsonFields.Text(spec, "uid"),
        Groups = JsonFields.Texts(spec["groups"]),
        Extra = spec["extra"] is JsonObject extra
            ? extra.ToImmutableDictionary(pair => pair.Key, pair => JsonFields.Texts(pair.Value))
            : ImmutableDictionary<string, ImmutableArray<string>>.Empty,
    };

    private static JsonObject Decide(ObjectOperation operation, JsonObject spec, UserInfo user)
    {
        var resource = spec["resourceAttributes"] as JsonObject;
        var path = spec["nonResourceAttributes"] as JsonObject;
        var decision = operation.Authorizer.Authorize(new AccessQuestion
        {
            User = user,
            IsResource = resource is not null,
            Verb = JsonFields.Text(resource ?? path, "verb"),
            Group = JsonFields.Text(resource, "group"),
            Version = JsonFields.Text(resource, "version"),
            Resource = JsonFields.Text(resource, "resource"),
            Subresource = JsonFields.Text(resource, "subresource"),
            Namespace = JsonFields.Text(resource, "namespace"),
            Name = JsonFields.Text(resource, "name"),
            Path = JsonFields.Text(path, "path"),
        });
        var status = new JsonObject { ["allowed"] = decision.Allowed };
        if (decision.Reason.Length > 0)
            status["reason"] = decision.Reason;
        return status;
    }

    private static JsonObject Rules(AccessRules rules)
    {
        var status = new JsonObject
        {
            ["resourceRules"] = new JsonArray([.. rules.Resources.Select(rule => RbacJson.ToJson(new PolicyRule
            {
                Verbs = rule.Verbs, Groups = rule.Groups, Resources = rule.Resources, ResourceNames = rule.ResourceNames,
            }))]),
            ["nonResourceRules"] = new JsonArray([.. rules.Paths.Select(rule => RbacJson.ToJson(new PolicyRule
            {
                Verbs = rule.Verbs, Paths = rule.Paths,
            }))]),
            ["incomplete"] = false,
        };
        if (rules.EvaluationError.Length > 0)
            status["evaluationError"] = rules.EvaluationError;
        return status;
    }
}

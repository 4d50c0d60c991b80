// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Patching;
using Sealock.Api.Schemas;

namespace Sealock.Api.Serving.Verbs;

/// <summary>
/// Changes an object by a JSON, merge or strategic merge patch. Where somebody else's change came in between, the patch
/// is applied again to what is there now; one that names a resource version then fails.
/// </summary>
internal sealed class PatchVerb(
    ServerCore core, BodyReader bodies, SchemaCatalog schemas, ObjectWriter writer, UpdateVerb update)
{
    /// <summary>The media type of server-side apply.</summary>
    public const string Apply = "application/apply-patch+yaml";

    private const string Json = "application/json-patch+json";
    private const string Merge = "application/merge-patch+json";
    private const string Strategic = "application/strategic-merge-patch+json";

    private const int LongestShown = 1000;

    private delegate (JsonObject? Result, PatchFailure? Failure) Patcher(JsonObject document);

    /// <summary>Answers.</summary>
    public async ValueTask<ApiResponse> HandleAsync(RequestScope scope, CancellationToken cancellationToken)
    {
        var format = Negotiation.Choose(scope.Request);
        var options = WriteOptions.Read(scope.Request, "PatchOptions");
        var patcher = PatcherFor(scope);
        List<string> warnings = [];
        var outcome = await writer.UpdateAsync(
            scope,
            scope.Name,
            state =>
            {
                warnings = [];
                var wanted = ApplyTo(scope, state, patcher);
                Check(scope, wanted, options, warnings);
                UpdateVerb.CheckName(scope, ObjectRules.Metadata(wanted));
                return update.Decide(scope, state, wanted, options.DryRun, warnings);
            },
            options.DryRun,
            cancellationToken) ?? throw scope.NotFound();
        return Answers.Object(scope.Resource, outcome.Entry, format, core.Clock, scope.Request, 200, warnings);
    }

    private Patcher PatcherFor(RequestScope scope)
    {
        var request = scope.Request;
        if (request.Body.Length > BodyReader.MaxBytes)
            throw ApiException.TooLarge($"Request entity too large: limit is {BodyReader.MaxBytes}");
        var schema = schemas.Get(scope.SchemaName);
        switch (BodyReader.MediaType(request))
        {
            case Json:
                return document =>
                    JsonPatch.TryApply(document, ReadPatch(request), out var result, out var failure)
                        ? (result, null)
                        : (null, failure);
            case Merge:
                return document =>
                    MergePatch.TryApply(document, ReadPatch(request), out var result, out var failure)
                        ? (result, null)
                        : (null, failure);
            case Strategic when !schema.IsStructural:
                return document =>
                    StrategicMergePatch.TryApply(document, ReadPatch(request), schema, out var result, out var failure)
                        ? (result, null)
                        : (null, failure);
            case Apply:
                throw ApiException.UnsupportedMediaType(
                    "server-side apply is not supported by this server yet; use client-side apply (kubectl apply "
                        + "--server-side=false)");
            default:
                throw new ApiException(415, "UnsupportedMediaType", "415: Unsupported Media Type", new StatusDetails());
        }
    }

    /// <summary>
    /// A result that is no object of the kind any more is the patch's fault; the object itself is not repeated.
    /// </summary>
    private void Check(in RequestScope scope, JsonObject wanted, in WriteOptions options, List<string> warnings)
    {
        try
        {
            // Strategic patches do not reach kind and apiVersion.
            if (BodyReader.MediaType(scope.Request) == Strategic)
                (wanted["kind"], wanted["apiVersion"]) = (scope.Kind, scope.ApiVersion);
            bodies.CheckPatched(scope, wanted, options, warnings);
        }
        catch (MalformedObjectException fault)
        {
            var patch = Encoding.UTF8.GetString(scope.Request.Body.Span);
            var shown = patch.Length > LongestShown ? patch[..LongestShown] + "…" : patch;
            throw FieldError.ToException("", "", "", [FieldError.Invalid("patch", GoText.Quote(shown), fault.Message)]);
        }
    }

    private static JsonObject ApplyTo(in RequestScope scope, CacheEntry state, Patcher patcher)
    {
        var (result, failure) = patcher(state.Parse(scope.Definition));
        return failure is null && result is not null
            ? result
            : throw new ApiException(
                failure?.Code ?? 500,
                failure?.Reason ?? "",
                failure?.Message ?? "the patch failed",
                failure?.Code == 422 ? new StatusDetails() : null);
    }

    private static JsonNode? ReadPatch(ApiRequest request)
    {
        try
        {
            return JsonReading.ReadValue(request.Body.Span);
        }
        catch (MalformedObjectException fault)
        {
            throw ApiException.BadRequest("error decoding patch: " + fault.Message);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Serving.Verbs;

namespace Sealock.Api.Serving;

/// <summary>The parameters of a write (meta/v1 CreateOptions, UpdateOptions, PatchOptions), read and checked.</summary>
internal readonly record struct WriteOptions(bool DryRun, FieldValidation FieldValidation)
{
    private const int LongestManager = 128;

    /// <summary>Reads the parameters; <paramref name="kind"/> names the options in errors.</summary>
    /// <exception cref="ApiException">422: a parameter has an unknown value.</exception>
    public static WriteOptions Read(ApiRequest request, string kind)
    {
        var errors = new List<FieldError>();
        var query = request.Query;
        var dryRun = ReadDryRun(query.All("dryRun"), errors);
        var manager = query["fieldManager"];
        if (kind == "PatchOptions" && query.Has("force") && BodyReader.MediaType(request) != PatchVerb.Apply)
            errors.Add(FieldError.Forbidden("force", "may not be specified for non-apply patch"));
        if (manager.Length > LongestManager)
            errors.Add(new Objects.FieldPath("fieldManager").TooLong(LongestManager));
        else if (manager.Any(char.IsControl))
            errors.Add(
                FieldError.Invalid("fieldManager", GoText.Quote(manager), "should only contain printable characters"));
        var validation = RequestDecoding.ParseFieldValidation(query["fieldValidation"]);
        if (validation is null)
        {
            errors.Add(FieldError.NotSupported(
                "fieldValidation", GoText.Quote(query["fieldValidation"]), ["", "Ignore", "Strict", "Warn"]));
        }

        return errors.Count == 0
            ? new WriteOptions(dryRun, validation ?? FieldValidation.Warn)
            : throw FieldError.ToException("meta.k8s.io", kind, "", errors);
    }

    /// <summary>Reads <c>dryRun</c>, whose only value is <c>All</c>.</summary>
    public static bool ReadDryRun(IEnumerable<string> values, List<FieldError> errors)
    {
        string[] given = [.. values.Where(value => value.Length > 0)];
        if (given.Any(value => value != "All"))
        {
            var list = $"[{string.Join(',', given.Select(GoText.Quote))}]";
            errors.Add(FieldError.NotSupported("dryRun", list, ["All"]));
        }

        return given.Length > 0;
    }
}

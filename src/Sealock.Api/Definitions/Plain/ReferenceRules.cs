// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>References to objects by group, kind and name.</summary>
internal static class ReferenceRules
{
    public static IEnumerable<FieldError> Check(JsonObject? reference, FieldPath path)
    {
        var group = reference.Text("apiGroup");
        foreach (var wrong in reference.Has("apiGroup") ? NameRules.DnsSubdomain(group) : [])
        {
            yield return path.Child("apiGroup").Invalid(group, wrong);
        }

        foreach (var field in (string[])["kind", "name"])
        {
            var text = reference.Text(field);
            if (text.Length == 0)
            {
                yield return path.Child(field).Required(field + " is required");
            }

            foreach (var wrong in NameRules.PathSegment(text))
            {
                yield return path.Child(field).Invalid(text, wrong);
            }
        }
    }
}

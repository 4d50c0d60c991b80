// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Schemas;

namespace Sealock.Tests.Definitions.Issuance;

public sealed class PublishedFieldsTests
{
    /// <summary>Kinds of the list of fields that cert-manager, approver-policy and trust-manager publish.</summary>
    public static TheoryData<string> Kinds => [.. Published().Select(line => line.Kind).Distinct()];

    private static IEnumerable<(string Kind, string Path)> Published() => File
        .ReadLines(Path.Combine(AppContext.BaseDirectory, "Definitions", "Issuance", "published-fields.txt"))
        .Select(line => line.Split(' ')).Select(parts => (parts[0], parts[1]));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_published_field_is_there(string kind)
    {
        var schema = IssuanceOperations.Catalog.Get(IssuanceOperations.Definition(kind).SchemaName);
        Assert.Empty(Published().Where(line => line.Kind == kind && !Has(schema, line.Path.Split('.'))).Select(line => line.Path));
    }

    private static bool Has(SchemaNode schema, ReadOnlySpan<string> path)
    {
        while (schema.Items is not null || schema.Values is not null)
            schema = schema.Items ?? schema.Values!;
        return path.IsEmpty || schema.Type == SchemaType.Any
            || (schema.Fields.TryGetValue(path[0], out var field) && Has(field.Schema, path[1..]));
    }
}

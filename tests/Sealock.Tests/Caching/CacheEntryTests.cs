// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Tests.Serving;

namespace Sealock.Tests.Caching;

public sealed class CacheEntryTests
{
    private const string Stored =
        """{"metadata":{"annotations":{"labels":"{\"x\":1}"},"deletionTimestamp":"2026-01-01T00:00:00Z","finalizers":["a/b","c/d"],"labels":{"app":"web","x":"\u00e9"},"name":"one","namespace":"default","ownerReferences":[{"apiVersion":"v1","blockOwnerDeletion":true,"kind":"Pod","name":"p","uid":"u-1"}],"uid":"u-2"},"type":"Opaque"}""";

    [Fact]
    public void Metadata_is_read_beside_the_bytes()
    {
        var entry = Make(Stored, 42);

        Assert.Equal(("default", "one", "u-2"), (entry.Namespace, entry.Name, entry.Uid));
        Assert.Equal("2026-01-01T00:00:00Z", entry.DeletionTimestamp);
        Assert.Equal(["a/b", "c/d"], entry.Finalizers);
        Assert.Equal([new("app", "web"), new("x", "é")], entry.Labels);
        Assert.Equal([new OwnerReference("u-1", true)], entry.Owners);
        Assert.Contains(new("type", "Opaque"), entry.FieldsOf(TestServer.Secrets).Select(field => (field.Key, field.Value)));
    }

    [Fact]
    public void The_revision_is_the_only_difference_between_stored_bytes_and_an_item()
    {
        var item = JsonNode.Parse(Make(Stored, 42).Item)!.AsObject();

        Assert.Equal("42", item["metadata"]!["resourceVersion"]!.ToString());
        item["metadata"]!.AsObject().Remove("resourceVersion");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Stored), item));
    }

    [Theory]
    [InlineData(Stored)]
    [InlineData("""{"metadata":{"name":"one"}}""")]
    [InlineData("""{"metadata":{}}""")]
    public void An_entry_at_another_revision_is_the_same_object(string stored)
    {
        var entry = Make(stored, 7);

        var later = entry.At(1234567);

        Assert.Equal(Make(stored, 1234567).Item, later.Item);
        Assert.Equal(Make(stored, 1234567).Metadata.ToArray(), later.Metadata.ToArray());
        Assert.Equal(entry.Labels, later.Labels);
    }

    [Fact]
    public void The_metadata_span_is_a_whole_json_object() =>
        Assert.Equal("one", JsonNode.Parse(Make(Stored, 42).Metadata)!["name"]!.ToString());

    [Fact]
    public void Bytes_of_another_order_are_brought_into_the_stored_form() =>
        Assert.Equal(
            """{"metadata":{"resourceVersion":"9","name":"one"},"type":"Opaque"}""",
            Encoding.UTF8.GetString(Make("""{"type":"Opaque","kind":"Secret","apiVersion":"v1","metadata":{"name":"one","resourceVersion":"3"}}""", 9).Item));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"metadata":{"name":"one" """)]
    [InlineData("null")]
    public void What_is_no_object_is_refused(string stored) =>
        Assert.ThrowsAny<JsonException>(() => Make(stored, 1));

    private static CacheEntry Make(string stored, long revision) =>
        CacheEntry.From("/registry/secrets/default/one", Encoding.UTF8.GetBytes(stored), revision);
}

// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Schemas;

public class CanonicalJsonTests
{
    // What Go's encoding/json writes for the same value.
    public static TheoryData<string, string> Cases => new()
    {
        { """{ "z": 1, "metadata": {"name": "x", "labels": {"b": "1", "a": "2"}}, "A": 2 }""",
            """{"metadata":{"labels":{"a":"2","b":"1"},"name":"x"},"A":2,"z":1}""" },
        { """{"a":{"metadata":1,"b":2}}""", """{"a":{"b":2,"metadata":1}}""" },
        { """{"a":"<b>&\u2028\u2029 '+`/"}""", """{"a":"\u003cb\u003e\u0026\u2028\u2029 '+`/"}""" },
        { "{\"a\":\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\\\u007f\"}", "{\"a\":\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\\u007f\"}" },
        { """{"a":"\ud83d\ude00é"}""", "{\"a\":\"😀é\"}" },
        { """{"a":[1,-1,0,-0,9223372036854775807,-9223372036854775808]}""",
            """{"a":[1,-1,0,0,9223372036854775807,-9223372036854775808]}""" },
        { """{"a":[1.0,1.50,100e1,1e20,1e21,1.5e300]}""",
            """{"a":[1,1.5,1000,100000000000000000000,1e+21,1.5e+300]}""" },
        { """{"a":[0.000001,0.0000001,-1.25e-9,1e-10,0.0]}""", """{"a":[0.000001,1e-7,-1.25e-9,1e-10,0]}""" },
        { """{"a":[9223372036854775808,1234.5678]}""", """{"a":[9223372036854776000,1234.5678]}""" },
        { """{"a":[true,false,null,{},[]]}""", """{"a":[true,false,null,{},[]]}""" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Objects_are_written_as_go_would_with_metadata_first(string text, string expected)
    {
        var canonical = CanonicalJson.Serialize(JsonReading.ReadObject(Encoding.UTF8.GetBytes(text)).Object);

        Assert.Equal(expected, Encoding.UTF8.GetString(canonical));
        Assert.Equal(canonical, CanonicalJson.Serialize(JsonReading.ReadObject(canonical).Object));
    }

    [Fact]
    public void Nodes_made_in_memory_are_written_like_those_that_were_read()
    {
        var value = new JsonObject { ["d"] = 1.5, ["c"] = 7, ["b"] = "x", ["a"] = new JsonArray(1L, (JsonNode?)null) };

        Assert.Equal("""{"a":[1,null],"b":"x","c":7,"d":1.5}""",
            Encoding.UTF8.GetString(CanonicalJson.Serialize(value)));
    }

    [Fact]
    public void An_endless_nesting_is_refused()
    {
        var root = new JsonObject();
        var inner = root;
        for (var i = 0; i < 1000; i++)
        {
            var next = new JsonObject();
            inner["a"] = next;
            inner = next;
        }

        Assert.Throws<MalformedObjectException>(() => CanonicalJson.Serialize(root));
    }
}

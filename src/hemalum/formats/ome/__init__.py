"""OME-XML, the metadata of the Open Microscopy Environment (schema 2016-06 and earlier), as typed values."""
